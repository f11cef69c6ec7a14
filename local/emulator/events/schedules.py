"""Schedules of rules: EventBridge refuses an invalid one, also in a stack, where MiniStack takes any.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from typing import Any

from ministack.services import eventbridge

from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    ResourceHandlers,
    override,
)

_TYPE = "AWS::Events::Rule"
_REFUSED = "Parameter ScheduleExpression is not valid."


class ScheduleError(Exception):
    """EventBridge refuses a schedule of a stack; the message becomes the reason of the stack event."""


def install() -> None:
    """Makes MiniStack refuse numbers outside of a field, and a rule of a stack with an invalid schedule."""
    expand = eventbridge._cron_field

    def expand_in_range(field: str, low: int, high: int, names: Any = None) -> frozenset[int]:
        values: frozenset[int] = expand(field, low, high, names)
        if not values or min(values) < low or max(values) > high:
            raise ValueError(field)
        return values

    eventbridge._cron_field = expand_in_range
    override(_TYPE, _checked_handlers)


def _checked_handlers(handlers: ResourceHandlers) -> ResourceHandlers:
    def create(logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        if not eventbridge._validate_schedule_expression(properties.get("ScheduleExpression", "")):
            raise ScheduleError(_REFUSED)
        created: ProvisionedResource = handlers["create"](logical_id, properties, stack)
        return created

    return {"create": create}
