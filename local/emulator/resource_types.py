"""Registration of CloudFormation resource types in MiniStack.

MiniStack has no public interface for it: its tables and functions that are used here are internal.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ministack.services.cloudformation import provisioners, stacks

EmulatedProperties = Mapping[str, Any]
# The physical id, which Ref returns, and the attributes for Fn::GetAtt.
ProvisionedResource = tuple[str, dict[str, str]]
ResourceHandlers = Mapping[str, Callable[..., Any]]


class ResourceType(Protocol):
    """The handlers of a resource type, as MiniStack calls them."""

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str, /) -> ProvisionedResource:
        """Creates a resource."""

    def update(
        self, physical_id: str, old: EmulatedProperties, new: EmulatedProperties, stack: str, /
    ) -> ProvisionedResource:
        """Updates a resource in place."""

    def delete(self, physical_id: str, properties: EmulatedProperties, /) -> None:
        """Deletes a resource."""


def register(name: str, resource_type: ResourceType, *, replacing: tuple[str, ...] = ()) -> None:
    """Adds a resource type to MiniStack's CloudFormation.

    Args:
        name: Its name, such as AWS::Budgets::Budget.
        resource_type: Its handlers.
        replacing: The properties whose change replaces a resource.
    """
    provisioners._RESOURCE_HANDLERS[name] = {
        "create": resource_type.create,
        "update": resource_type.update,
        "delete": resource_type.delete,
    }
    if replacing:
        replace_on_change(name, replacing)


def replace_on_change(name: str, properties: tuple[str, ...]) -> None:
    """Sets the properties of a resource type whose change replaces a resource."""
    provisioners._REPLACING_PROPERTIES[name] = properties


def override(name: str, wrap: Callable[[ResourceHandlers], ResourceHandlers]) -> None:
    """Replaces some of MiniStack's own handlers of a resource type.

    Args:
        name: The type's name.
        wrap: Takes MiniStack's handlers and returns the handlers that replace them.
    """
    handlers = provisioners._RESOURCE_HANDLERS[name]
    provisioners._RESOURCE_HANDLERS[name] = handlers | wrap(handlers)


def run_on_worker_thread(name: str) -> None:
    """Runs the handlers of a resource type on a worker thread, because they block.

    On MiniStack's event loop a blocking handler would stop all services, S3 included.
    """
    runs_on_worker_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda other: other == name or runs_on_worker_thread(other)


def physical_name(stack: str, logical_id: str, *, longest: int) -> str:
    """Generates a physical name from stack name and logical id, of at most `longest` characters."""
    return str(provisioners._physical_name(stack, logical_id, max_len=longest))
