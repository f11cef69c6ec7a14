"""The stack that the state machine belongs to: which version serves, and the release of another."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

RELEASED_VERSION = "ReleasedVersion"
_PAUSED = "Paused"
_UNCHANGED = "No updates are to be performed"
_STARTED = "TokenAlreadyExistsException"
_BUSY = "_IN_PROGRESS"
# The stack has roles, with names that CloudFormation makes.
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


class StackBusyError(Exception):
    """CloudFormation updates the stack, such as by a deployment; the state tries again."""


class OtherVersionError(Exception):
    """A third version serves, which someone else has released since the run began."""


class ServedStack:
    """The stack.

    Args:
        cloudformation: CloudFormation client of boto3.
        stack: ARN of the stack.
    """

    def __init__(self, cloudformation: Any, stack: str) -> None:
        self._cloudformation = cloudformation
        self._stack = stack

    @property
    def status(self) -> str:
        """Its status in CloudFormation's words."""
        return str(self._describe()["StackStatus"])

    @property
    def version(self) -> str:
        """The version that serves.

        Raises:
            StackBusyError: The stack is being updated, so that it has none for certain.
        """
        return self._outputs(self.require_idle())["ModelVersion"]

    @property
    def is_paused(self) -> bool:
        """Tells whether `make pause` has deleted the endpoint, and `make wake` has not made it again."""
        found = {one["ParameterKey"]: one["ParameterValue"] for one in self._describe().get("Parameters", ())}
        return found.get(_PAUSED) == "true"

    def require_idle(self) -> Mapping[str, Any]:
        """Returns the description of the stack.

        Raises:
            StackBusyError: The stack is being updated.
        """
        described = self._describe()
        if described["StackStatus"].endswith(_BUSY):
            raise StackBusyError(f"The stack is {described['StackStatus']}.")
        return described

    def release(self, version: str, *, replaces: str, token: str) -> bool:
        """Starts the update to a version; returns whether there is anything to update.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html

        Args:
            version: The version.
            replaces: The version that it may replace.
            token: Token of the request: the same one does not start a second update.

        Raises:
            StackBusyError: Another update is in progress.
            OtherVersionError: A third version serves, which someone else has released.
            ClientError: CloudFormation refuses the update.
        """
        described = self._describe()
        if not described["StackStatus"].endswith(_BUSY):
            serving = self._outputs(described)["ModelVersion"]
            if serving not in (version, replaces):
                raise OtherVersionError(
                    f"Version {serving} was released by someone else, in the place of {replaces}, and goes "
                    f"on serving; {version} is not released."
                )
        try:
            self._cloudformation.update_stack(
                StackName=self._stack,
                UsePreviousTemplate=True,
                Parameters=[
                    {"ParameterKey": name, "ParameterValue": version}
                    if name == RELEASED_VERSION
                    else {"ParameterKey": name, "UsePreviousValue": True}
                    for name in (found["ParameterKey"] for found in described["Parameters"])
                ],
                Capabilities=_CAPABILITIES,
                ClientRequestToken=token,
            )
        except ClientError as error:
            if _UNCHANGED in str(error):
                return False
            if error.response["Error"]["Code"] == _STARTED:
                # By an attempt before, of which the caller has not seen the answer.
                return True
            if described["StackStatus"].endswith(_BUSY) or f"{_BUSY} state" in str(error):
                raise StackBusyError(str(error)) from error
            raise
        return True

    def failure(self, token: str) -> str:
        """Returns the first reason for which the update of a token failed; "" without one."""
        reason, is_found = "", False
        # The newest event is the first one: those of later updates come before, of earlier ones after.
        # A roll-back has more events than a page.
        for page in self._cloudformation.get_paginator("describe_stack_events").paginate(
            StackName=self._stack
        ):
            events = [event for event in page["StackEvents"] if event.get("ClientRequestToken") == token]
            if is_found and not events:
                break
            is_found = is_found or bool(events)
            for event in events:
                if (status := event["ResourceStatus"]).endswith("_FAILED"):
                    reason = f"{event['LogicalResourceId']} {status}: {event.get('ResourceStatusReason', '')}"
        return reason

    def _describe(self) -> Mapping[str, Any]:
        described = self._cloudformation.describe_stacks(StackName=self._stack)
        found: Mapping[str, Any] = described["Stacks"][0]
        return found

    @staticmethod
    def _outputs(described: Mapping[str, Any]) -> dict[str, str]:
        return {found["OutputKey"]: found["OutputValue"] for found in described.get("Outputs", ())}
