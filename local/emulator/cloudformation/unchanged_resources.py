"""Resources that an update of a stack does not change: CloudFormation sends no events of them.

A resource is changed when its properties differ after its references are resolved. MiniStack leaves the other
resources alone, as AWS does, but reports each of them as updated: the CDK CLI then prints "75/4".
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

_IN_PROGRESS, _COMPLETE = "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"


def install() -> None:
    """Wraps MiniStack's update of a resource and its record of an event."""
    update, add_event = stacks._update_resource, stacks._add_event
    # Stack and logical id of each resource whose update found nothing to change.
    unchanged: set[tuple[str, str]] = set()

    def update_resource(
        kind: str, physical_id: str, old: Any, new: Any, stack: str, logical_id: str = "", *rest: Any
    ) -> Any:
        if old == new:
            unchanged.add((stack, logical_id))
        return update(kind, physical_id, old, new, stack, logical_id, *rest)

    def add_event_of_change(
        stack_id: str, stack: str, logical_id: str, kind: str, status: str, *details: Any, **more: Any
    ) -> None:
        if status == _COMPLETE and (stack, logical_id) in unchanged:
            unchanged.remove((stack, logical_id))
            _take_back(cloudformation._stack_events[stack_id], logical_id)
        else:
            add_event(stack_id, stack, logical_id, kind, status, *details, **more)

    stacks._update_resource = update_resource
    stacks._add_event = add_event_of_change


def _take_back(events: list[dict[str, Any]], logical_id: str) -> None:
    """Removes the event with which the update of a resource has begun, which is the last one of it."""
    for index in reversed(range(len(events))):
        if events[index]["LogicalResourceId"] == logical_id:
            if events[index]["ResourceStatus"] == _IN_PROGRESS:
                del events[index]
            return
