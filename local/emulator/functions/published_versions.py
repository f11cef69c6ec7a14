"""Published versions: another description is another version, and SnapStart has a snapshot of each.

CloudFormation waits for the snapshot, and fails with it.

Lambda initializes the function when it publishes a version. Here the initialized process stays for the first
call; later ones start anew, because no process here can be restored from a snapshot.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
"""

import time
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc

from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    ResourceHandlers,
    override,
    replace_on_change,
    run_on_worker_thread,
)

_TYPE = "AWS::Lambda::Version"
# All properties but FunctionScalingConfig:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
_REPLACING = ("CodeSha256", "Description", "FunctionName", "ProvisionedConcurrencyConfig", "RuntimePolicy")
_PENDING = "Pending"
_FAILED = "Failed"
_POLL_SECONDS = 0.05


class SnapshotError(Exception):
    """The function cannot be initialized; the message becomes the reason of the stack event."""


def await_active(
    read: Callable[[], dict[str, Any]], arn: str, *, pause: Callable[[float], None] = time.sleep
) -> None:
    """Waits until a version is no longer pending.

    Args:
        read: Returns the configuration of the version.
        arn: ARN of the version.
        pause: Waits for the given number of seconds.

    Raises:
        SnapshotError: Its state is Failed.
    """
    while (config := read()).get("State") == _PENDING:
        pause(_POLL_SECONDS)
    if config.get("State") == _FAILED:
        raise SnapshotError(f"Resource {arn} is in Failed state: {config.get('StateReason')}")


def install() -> None:
    """Makes MiniStack's CloudFormation wait for published versions."""
    override(_TYPE, _waiting)
    # MiniStack's own update publishes too, but waits for no snapshot.
    replace_on_change(_TYPE, _REPLACING)
    # The function reads from the emulator while it is initialized.
    run_on_worker_thread(_TYPE)


def _waiting(handlers: ResourceHandlers) -> ResourceHandlers:
    def create(logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        created: ProvisionedResource = handlers["create"](logical_id, properties, stack)
        arn, attributes = created
        name = arn.split(":")[6]
        function = lambda_svc._functions.get(name)
        if function and (version := function["versions"].get(attributes["Version"])):
            await_active(lambda: version["config"], arn)
        return created

    return {"create": create}
