"""Named SageMaker resources of one kind, with SageMaker's errors for missing and duplicate names."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from local.local_aws import ACCOUNT, REGION
from local.sagemaker.errors import SageMakerError, invalid


class NamedResource(Protocol):
    """A resource that a catalog can hold."""

    @property
    def name(self) -> str:
        """The name, unique in its catalog."""


@dataclass(frozen=True, kw_only=True)
class SageMakerResource:
    """A model or an endpoint configuration; both are immutable.

    Attributes:
        name: Its name.
        request: The request of CreateModel or CreateEndpointConfig.
        created: The time of that request.
    """

    name: str
    request: dict[str, Any]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


T = TypeVar("T", bound=NamedResource)


class Catalog(Generic[T]):
    """The resources of one kind, by name; safe for use by several threads.

    Args:
        noun: The kind in SageMaker's messages, such as "endpoint configuration".
        path: The kind in ARNs, such as "endpoint-config".
    """

    def __init__(self, *, noun: str, path: str) -> None:
        self._noun = noun
        self._path = path
        self._items: dict[str, T] = {}
        self._lock = threading.Lock()

    def arn(self, name: str) -> str:
        """Returns the ARN for a name, whether the resource exists or not."""
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{self._path}/{name}"

    def add(self, item: T) -> None:
        """Adds a resource.

        Raises:
            SageMakerError: The name is taken.
        """
        with self._lock:
            if item.name in self._items:
                raise invalid(f'Cannot create already existing {self._noun} "{self.arn(item.name)}".')
            self._items[item.name] = item

    def get(self, name: str) -> T:
        """Returns a resource.

        Raises:
            SageMakerError: No resource has this name.
        """
        with self._lock:
            if name not in self._items:
                raise self._missing(name)
            return self._items[name]

    def remove(self, name: str) -> None:
        """Removes a resource.

        Raises:
            SageMakerError: No resource has this name.
        """
        with self._lock:
            if self._items.pop(name, None) is None:
                raise self._missing(name)

    def all(self) -> list[T]:
        """Returns all resources in the order of their creation."""
        with self._lock:
            return list(self._items.values())

    def _missing(self, name: str) -> SageMakerError:
        return invalid(f'Could not find {self._noun} "{self.arn(name)}".')
