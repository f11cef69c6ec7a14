"""Releases by an update of the stack: one that is started twice, and the reason of one that fails."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.lambda_src.conftest import Import
from tests.stacks.support.stack_events import NAME, add_pages, stack_event

Failure = Callable[..., str]


@pytest.fixture
def failure(cold_start: Import) -> Failure:
    """Returns the reason that is found when CloudFormation returns pages, the newest event first."""
    served_stack = cold_start("lambda_src.retraining.resources.served_stack")
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )

    def find(*pages: list[dict[str, Any]], has_more: bool = False) -> str:
        with Stubber(client) as stubber:
            add_pages(stubber, *pages, has_more=has_more)
            return str(served_stack.ServedStack(client, NAME).failure("ours"))

    return find


def test_an_update_that_an_attempt_before_has_started_is_started(cold_start: Import) -> None:
    served_stack = cold_start("lambda_src.retraining.resources.served_stack")
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    described = {
        "StackName": NAME,
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "StackStatus": "UPDATE_COMPLETE",
        "Parameters": [{"ParameterKey": "ReleasedVersion", "ParameterValue": "one"}],
        "Outputs": [{"OutputKey": "ModelVersion", "OutputValue": "one"}],
    }

    with Stubber(client) as stubber:
        stubber.add_response("describe_stacks", {"Stacks": [described]})
        stubber.add_client_error("update_stack", "TokenAlreadyExistsException", "It already exists.")

        assert served_stack.ServedStack(client, NAME).release("two", replaces="one", token="ours")


def test_the_first_failure_of_an_update_is_its_reason_also_behind_a_page_of_the_roll_back(
    failure: Failure,
) -> None:
    rolled_back = [
        stack_event(9, "Tiny", "UPDATE_ROLLBACK_COMPLETE"),
        stack_event(8, "Model", "DELETE_COMPLETE"),
    ]
    failed = [
        stack_event(7, "Policy", "UPDATE_FAILED", ResourceStatusReason="Resource update cancelled"),
        stack_event(6, "Endpoint", "UPDATE_FAILED", ResourceStatusReason="It does not start."),
    ]

    assert failure(rolled_back, failed) == "Endpoint UPDATE_FAILED: It does not start."


def test_events_of_earlier_updates_are_not_read(failure: Failure) -> None:
    ours = [stack_event(9, "Tiny", "UPDATE_ROLLBACK_COMPLETE")]
    earlier = [
        stack_event(5, "Endpoint", "UPDATE_FAILED", update="theirs", ResourceStatusReason="Of another one.")
    ]

    # A third page would be one response more than there is.
    assert failure(ours, earlier, has_more=True) == ""


def test_events_of_later_updates_come_before(failure: Failure) -> None:
    later = [stack_event(9, "Tiny", "UPDATE_COMPLETE", update="theirs")]
    ours = [stack_event(5, "Endpoint", "UPDATE_FAILED", ResourceStatusReason="It does not start.")]

    assert failure(later, ours) == "Endpoint UPDATE_FAILED: It does not start."
