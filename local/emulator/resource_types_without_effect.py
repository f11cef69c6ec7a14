"""CloudFormation resource types that are recorded in a stack and have no effect on this machine."""

import logging

from local.emulator.resource_types import EmulatedProperties, ProvisionedResource, physical_name, register

# Type -> why it has no effect here. MiniStack's CloudFormation does not know these types.
RECORDED_TYPES = {
    "AWS::Budgets::Budget": "nothing here costs anything",
    "AWS::WAFv2::LoggingConfiguration": "no request here passes a firewall",
    "AWS::WAFv2::WebACLAssociation": "no request here passes a firewall",
}

_LONGEST_ID = 128

logger = logging.getLogger(__name__)


class RecordedType:
    """A resource type whose resources have a physical name and no effect.

    Args:
        name: The type's name, such as AWS::Budgets::Budget.
        reason: Why it has no effect here.
    """

    def __init__(self, name: str, reason: str) -> None:
        self._name = name
        self._reason = reason

    def create(self, logical_id: str, _properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Logs that the resource has no effect and returns a generated name for Ref."""
        logger.info("%s of stack %s has no effect: %s.", self._name, stack, self._reason)
        return physical_name(stack, logical_id, longest=_LONGEST_ID), {}

    def update(
        self, physical_id: str, _old: EmulatedProperties, _new: EmulatedProperties, _stack: str
    ) -> ProvisionedResource:
        """Returns the same physical name."""
        return physical_id, {}

    def delete(self, _physical_id: str, _properties: EmulatedProperties) -> None:
        """Does nothing: only the stack has a record of the resource."""


def install() -> None:
    """Adds the types to MiniStack's CloudFormation."""
    for name, reason in RECORDED_TYPES.items():
        register(name, RecordedType(name, reason))
