"""Results of checks: errors and printed lines."""

import re

import pytest
from botocore.exceptions import ClientError, NoRegionError

from smoke.checks import CheckResult, run_check
from smoke.errors import CheckFailedError


def test_a_passed_check_has_a_tick_and_its_finding() -> None:
    assert run_check("health", lambda: "it is well").line(13) == "✓ health        it is well"


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (CheckFailedError("it is ill"), "it is ill"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "not for you"}}, "DescribeEndpoint"),
            "a request to AWS failed: .*AccessDenied.* DescribeEndpoint .*not for you",
        ),
        (NoRegionError(), "a request to AWS failed: You must specify a region"),
    ],
    ids=["failed check", "error response", "no request"],
)
def test_a_failed_check_has_a_cross_and_the_error(error: Exception, found: str) -> None:
    def check() -> str:
        raise error

    result = run_check("health", check)

    assert not result.passed
    assert re.match(f"✗ health        {found}", result.line(13))


def test_a_message_of_several_lines_is_printed_on_one_line() -> None:
    assert CheckResult(name="health", passed=False, found="a\n  b\nc").line(13) == "✗ health        a b c"
