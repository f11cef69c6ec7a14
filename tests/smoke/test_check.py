"""One check: what becomes of it, and how it reads."""

import re

import pytest
from botocore.exceptions import ClientError, NoRegionError

from smoke.check import Check, attempt
from smoke.errors import UnprovenError


def test_what_was_found_is_told_with_a_tick() -> None:
    assert attempt("health", lambda: "it is well").line(13) == "✓ health        it is well"


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (UnprovenError("it is ill"), "it is ill"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "not for you"}}, "DescribeEndpoint"),
            "AWS does not say: .*AccessDenied.* DescribeEndpoint .*not for you",
        ),
        (NoRegionError(), "AWS does not say: You must specify a region"),
    ],
    ids=["unproven", "refused", "not asked"],
)
def test_what_cannot_be_proven_is_told_with_a_cross(error: Exception, found: str) -> None:
    def check() -> str:
        raise error

    result = attempt("health", check)

    assert not result.passed
    assert re.match(f"✗ health        {found}", result.line(13))


def test_words_of_aws_on_many_lines_stay_on_one() -> None:
    assert Check(name="health", passed=False, found="a\n  b\nc").line(13) == "✗ health        a b c"
