"""CloudFormation types that nothing here acts on: a stack may have them, and that they are there is all."""

import logging
from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

# Type -> why it has no effect here. MiniStack's CloudFormation refuses all of them.
TYPES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "an endpoint here is one process, whatever its load",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "an endpoint here is one process, whatever its load",
    "AWS::Budgets::Budget": "nothing here costs anything",
    "AWS::WAFv2::LoggingConfiguration": "no request here passes a firewall",
    "AWS::WAFv2::WebACLAssociation": "no request here passes a firewall",
}

_LONGEST_ID = 128

Properties = Mapping[str, Any]
Provisioned = tuple[str, dict[str, str]]

logger = logging.getLogger(__name__)


class RecordedType:
    """A type whose resources have a name, and no effect.

    Args:
        name: Its name, as AWS::Budgets::Budget.
        reason: Why it has no effect here.
    """

    def __init__(self, name: str, reason: str) -> None:
        self._name = name
        self._reason = reason

    def create(self, logical_id: str, _properties: Properties, stack: str) -> Provisioned:
        """Record a resource; Ref gives a name that nothing has."""
        logger.info("%s of stack %s has no effect: %s.", self._name, stack, self._reason)
        return provisioners._physical_name(stack, logical_id, max_len=_LONGEST_ID), {}

    def update(self, physical_id: str, _old: Properties, _new: Properties, _stack: str) -> Provisioned:
        """Keep the record."""
        return physical_id, {}

    def delete(self, _physical_id: str, _properties: Properties) -> None:
        """Forget the record, of which CloudFormation alone keeps account."""


def install() -> None:
    """Let MiniStack's CloudFormation take the types."""
    for name, reason in TYPES.items():
        kind = RecordedType(name, reason)
        handlers = {"create": kind.create, "update": kind.update, "delete": kind.delete}
        provisioners._RESOURCE_HANDLERS[name] = handlers
