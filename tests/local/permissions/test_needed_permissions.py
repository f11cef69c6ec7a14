"""Resource whose failure a proof names, among the events of a stack."""

from typing import Any

import boto3
from botocore.stub import Stubber

from local.permissions.needed_permissions import failed_resource


def event(number: int, resource: str, status: str) -> dict[str, Any]:
    return {
        "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/Tiny/1",
        "StackName": "Tiny",
        "EventId": str(number),
        "Timestamp": f"2026-11-29T00:00:{number:02}Z",
        "LogicalResourceId": resource,
        "ResourceStatus": status,
    }


def found(*pages: list[dict[str, Any]]) -> str:
    """The resource that is named when CloudFormation returns pages, the newest event first."""
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        for number, events in enumerate(pages, start=1):
            more = {"NextToken": str(number)} if number < len(pages) else {}
            before = {"NextToken": str(number - 1)} if number > 1 else {}
            stubber.add_response(
                "describe_stack_events", {"StackEvents": events, **more}, {"StackName": "Tiny", **before}
            )
        return failed_resource(client, "Tiny", status="CREATE_FAILED")


def test_a_failure_before_a_page_of_a_roll_back_is_named() -> None:
    rolled_back = [event(9, "Tiny", "ROLLBACK_COMPLETE"), event(8, "Bucket", "DELETE_COMPLETE")]
    failed = [event(7, "Tiny", "CREATE_FAILED"), event(6, "Check", "CREATE_FAILED")]

    assert found(rolled_back, failed) == "Check"


def test_without_a_failed_resource_none_is_named() -> None:
    assert found([event(2, "Tiny", "CREATE_FAILED")], [event(1, "Bucket", "CREATE_COMPLETE")]) == ""
