"""Payloads of Step Functions: an output of more than 256 KB fails the execution, in the words of AWS."""

from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import run

HALF = {"Type": "Pass", "Result": "x" * (128 << 10), "End": True}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
CAUGHT = {"Type": "Pass", "End": True}


def halves(count: int, **more: Any) -> dict[str, Any]:
    """A state machine whose Map makes so many halves of the most bytes."""
    items = {"Type": "Pass", "Result": [*range(count)], "Next": "Halves"}
    each = {"StartAt": "Half", "States": {"Half": HALF}}
    mapped = {"Type": "Map", "ItemProcessor": each, "Catch": CATCH, "End": True, **more}
    return {"StartAt": "Items", "States": {"Items": items, "Halves": mapped, "Caught": CAUGHT}}


def test_an_output_of_more_than_256_kb_fails_and_no_state_catches_it(aws: LocalAws) -> None:
    found = run(aws, "halves", halves(2))

    assert (found["status"], found["error"]) == ("FAILED", "States.DataLimitExceeded")
    assert found["cause"] == (
        "The state/task 'Halves' returned a result with a size exceeding the maximum number of bytes service "
        "limit."
    )


@pytest.mark.parametrize(("count", "more"), [(1, {}), (3, {"ResultPath": None})])
def test_a_smaller_output_and_one_that_is_dropped_pass(
    aws: LocalAws, count: int, more: dict[str, Any]
) -> None:
    assert run(aws, f"passes-{count}", halves(count, **more))["status"] == "SUCCEEDED"
