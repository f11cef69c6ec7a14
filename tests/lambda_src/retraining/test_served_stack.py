"""Reason of a failed update, among the events of the stack."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.lambda_src.conftest import Import

STACK = "arn:aws:cloudformation:us-east-1:000000000000:stack/Tiny/1"
Failure = Callable[..., str]


def event(number: int, resource: str, status: str, *, update: str = "ours", **more: str) -> dict[str, Any]:
    return {
        "StackId": STACK,
        "StackName": "Tiny",
        "EventId": str(number),
        "Timestamp": f"2026-11-29T00:00:{number:02}Z",
        "LogicalResourceId": resource,
        "ResourceStatus": status,
        "ClientRequestToken": update,
        **more,
    }


@pytest.fixture
def failure(cold_start: Import) -> Failure:
    """Returns the reason that is found when CloudFormation returns pages, the newest event first."""
    served_stack = cold_start("lambda_src.retraining.resources.served_stack")
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )

    def find(*pages: list[dict[str, Any]], has_more: bool = False) -> str:
        with Stubber(client) as stubber:
            for number, events in enumerate(pages, start=1):
                more = {"NextToken": str(number)} if has_more or number < len(pages) else {}
                before = {"NextToken": str(number - 1)} if number > 1 else {}
                stubber.add_response(
                    "describe_stack_events", {"StackEvents": events, **more}, {"StackName": STACK, **before}
                )
            return str(served_stack.ServedStack(client, STACK).failure("ours"))

    return find


def test_the_first_failure_of_an_update_is_its_reason_also_behind_a_page_of_the_roll_back(
    failure: Failure,
) -> None:
    rolled_back = [event(9, "Tiny", "UPDATE_ROLLBACK_COMPLETE"), event(8, "Model", "DELETE_COMPLETE")]
    failed = [
        event(7, "Policy", "UPDATE_FAILED", ResourceStatusReason="Resource update cancelled"),
        event(6, "Endpoint", "UPDATE_FAILED", ResourceStatusReason="It does not start."),
    ]

    assert failure(rolled_back, failed) == "Endpoint UPDATE_FAILED: It does not start."


def test_events_of_earlier_updates_are_not_read(failure: Failure) -> None:
    ours = [event(9, "Tiny", "UPDATE_ROLLBACK_COMPLETE")]
    earlier = [event(5, "Endpoint", "UPDATE_FAILED", update="theirs", ResourceStatusReason="Of another one.")]

    # A third page would be one response more than there is.
    assert failure(ours, earlier, has_more=True) == ""
