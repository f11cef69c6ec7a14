"""Resource whose failure a proof names, among the events of a stack."""

from typing import Any

import boto3
from botocore.stub import Stubber

from local.permissions.needed_permissions import failed_resource
from tests.stacks.support.stack_events import NAME, add_pages, stack_event


def found(*pages: list[dict[str, Any]]) -> str:
    """The resource that is named when CloudFormation returns pages, the newest event first."""
    client = boto3.client(
        "cloudformation", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        add_pages(stubber, *pages)
        return failed_resource(client, NAME, status="CREATE_FAILED")


def test_a_failure_before_a_page_of_a_roll_back_is_named() -> None:
    rolled_back = [stack_event(9, "Tiny", "ROLLBACK_COMPLETE"), stack_event(8, "Bucket", "DELETE_COMPLETE")]
    failed = [stack_event(7, "Tiny", "CREATE_FAILED"), stack_event(6, "Check", "CREATE_FAILED")]

    assert found(rolled_back, failed) == "Check"


def test_without_a_failed_resource_none_is_named() -> None:
    assert (
        found([stack_event(2, "Tiny", "CREATE_FAILED")], [stack_event(1, "Bucket", "CREATE_COMPLETE")]) == ""
    )
