"""Events of a stack in CloudFormation, in pages of DescribeStackEvents."""

from typing import Any

from botocore.stub import Stubber

NAME = "Tiny"
STACK = f"arn:aws:cloudformation:us-east-1:000000000000:stack/{NAME}/1"


def stack_event(
    number: int, resource: str, status: str, *, update: str = "ours", **more: str
) -> dict[str, Any]:
    """An event of a resource; those with higher numbers are later."""
    return {
        "StackId": STACK,
        "StackName": NAME,
        "EventId": str(number),
        "Timestamp": f"2026-11-29T00:00:{number:02}Z",
        "LogicalResourceId": resource,
        "ResourceStatus": status,
        "ClientRequestToken": update,
        **more,
    }


def add_pages(stubber: Stubber, *pages: list[dict[str, Any]], has_more: bool = False) -> None:
    """Lets CloudFormation return pages of events, the newest event first; `has_more` names a page beyond."""
    for number, events in enumerate(pages, start=1):
        more = {"NextToken": str(number)} if has_more or number < len(pages) else {}
        before = {"NextToken": str(number - 1)} if number > 1 else {}
        stubber.add_response(
            "describe_stack_events", {"StackEvents": events, **more}, {"StackName": NAME, **before}
        )
