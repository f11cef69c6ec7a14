"""Update of one parameter of a deployed stack, through CloudFormation."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack

_SECONDS_BETWEEN_LOOKS = 1
_DONE = "UPDATE_COMPLETE"
# The resources that take minutes.
_SHOWN = ("AWS::SageMaker::Endpoint", "AWS::Lambda::Alias")


class UpdateFailedError(Exception):
    """The update was rolled back; the message is one sentence."""


class ResourceLeftError(UpdateFailedError):
    """The update is complete, and CloudFormation could not delete a resource that it has replaced."""


class ParameterUpdate:
    """Update of one parameter; template and all other parameters stay as they are.

    Args:
        account: The account of the stack.
        stack: The stack.
        progress: Takes one line for each event of the endpoint or the function's alias, and each failure.
        wait: Waits a moment between two looks.
    """

    def __init__(
        self,
        account: AwsAccount,
        stack: CurrentStack,
        *,
        progress: Callable[[str], None],
        wait: Callable[[], None] = lambda: time.sleep(_SECONDS_BETWEEN_LOOKS),
    ) -> None:
        self._account = account
        self._followed = account.patient(pause=wait)
        self._stack = stack
        self._progress = progress
        self._wait = wait
        self._seen: set[str] = set()
        self._failures: list[str] = []

    def run(self, parameter: str, value: str) -> None:
        """Updates the stack and waits until CloudFormation is done.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html

        Raises:
            UnreadableAccountError: CloudFormation refuses the update, or cannot be asked about it.
            UpdateFailedError: It failed.
            ResourceLeftError: It is complete, and has left a resource behind.
        """
        token = str(uuid.uuid4())
        self._account.change(
            "cloudformation",
            "update_stack",
            action="cloudformation:UpdateStack",
            StackName=self._stack.name,
            UsePreviousTemplate=True,
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                if name == parameter
                else {"ParameterKey": name, "UsePreviousValue": True}
                for name in self._stack.parameters
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            ClientRequestToken=token,
        )
        try:
            status = self._follow(token)
        except UnreadableAccountError as error:
            raise UnreadableAccountError(
                f"{error} CloudFormation goes on with the update of stack {self._stack.name}: run the same "
                "command again when it is done."
            ) from error
        if status != _DONE or self._failures:
            reason = self._failures[0] if self._failures else "CloudFormation gives no reason"
            kind = ResourceLeftError if status == _DONE else UpdateFailedError
            raise kind(f"Stack {self._stack.name} is {status}: {reason.rstrip('. ')}.")

    def _follow(self, token: str) -> str:
        """Shows the events of the update until its end; returns the status of the stack."""
        while (status := self._status()).endswith("_IN_PROGRESS"):
            self._show_events(token)
            self._wait()
        self._show_events(token)
        return status

    def _status(self) -> str:
        described = self._followed.read(
            "cloudformation",
            "describe_stacks",
            action="cloudformation:DescribeStacks",
            StackName=self._stack.name,
        )
        return str(described["Stacks"][0]["StackStatus"])

    def _show_events(self, token: str) -> None:
        for event in self._new_events(token):
            status, reason = event.get("ResourceStatus", ""), event.get("ResourceStatusReason", "")
            if event["LogicalResourceId"] == self._stack.name:
                continue
            if status.endswith("_FAILED"):
                self._failures.append(f"{event['LogicalResourceId']} {status}: {reason}")
            if event["ResourceType"] in _SHOWN or status.endswith("_FAILED"):
                self._progress(f"{status} {event['ResourceType']} {reason}".rstrip())

    def _new_events(self, token: str) -> Iterator[Mapping[str, Any]]:
        """Yields the update's events that have not been shown, oldest first."""
        described = self._followed.read(
            "cloudformation",
            "describe_stack_events",
            action="cloudformation:DescribeStackEvents",
            StackName=self._stack.name,
        )
        for event in reversed(described["StackEvents"]):
            if event.get("ClientRequestToken") == token and event["EventId"] not in self._seen:
                self._seen.add(event["EventId"])
                yield event
