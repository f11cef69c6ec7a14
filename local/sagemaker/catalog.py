"""The resources of one kind, by name."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from local.aws import ACCOUNT, REGION
from local.sagemaker.errors import invalid


class Named(Protocol):
    """What a catalog holds."""

    @property
    def name(self) -> str:
        """Its name, unique in its catalog."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A model or an endpoint configuration, which never change: the request that made it."""

    name: str
    request: dict[str, Any]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


T = TypeVar("T", bound=Named)


class Catalog(Generic[T]):
    """The resources of one kind; every refusal in SageMaker's own words."""

    def __init__(self, *, noun: str, path: str) -> None:
        self._noun = noun
        self._path = path
        self._items: dict[str, T] = {}
        self._lock = threading.Lock()

    def arn(self, name: str) -> str:
        """The Amazon Resource Name of one of them, there or not."""
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{self._path}/{name}"

    def add(self, item: T) -> None:
        """Add one.

        Raises:
            SageMakerError: The name is taken.
        """
        with self._lock:
            if item.name in self._items:
                raise invalid(f'Cannot create already existing {self._noun} "{self.arn(item.name)}".')
            self._items[item.name] = item

    def get(self, name: str) -> T:
        """One of them.

        Raises:
            SageMakerError: There is none of this name.
        """
        with self._lock:
            if name not in self._items:
                raise invalid(f'Could not find {self._noun} "{self.arn(name)}".')
            return self._items[name]

    def remove(self, name: str) -> None:
        """Remove one.

        Raises:
            SageMakerError: There is none of this name.
        """
        self.get(name)
        with self._lock:
            self._items.pop(name, None)

    def all(self) -> list[T]:
        """All of them, in the order they were made."""
        with self._lock:
            return list(self._items.values())
