"""An endpoint."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.catalog import Resource
from local.sagemaker.container import Container


@dataclass(kw_only=True)
class Endpoint:
    """What an endpoint was asked for, how it is, and the process that answers for it.

    The deployment configuration is shown and nothing more: an update switches all at once, when the new
    process is well, and no alarm turns it back.
    """

    name: str
    config: Resource
    status: str = "Creating"
    failure: str = ""
    container: Container | None = None
    deployment: dict[str, Any] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled: threading.Event = field(default_factory=threading.Event)

    @property
    def variant(self) -> dict[str, Any]:
        """The one production variant of the configuration it serves."""
        variant: dict[str, Any] = self.config.request["ProductionVariants"][0]
        return variant

    def begin(self, status: str) -> None:
        """Start to change."""
        self.settled.clear()
        self.status, self.failure, self.modified = status, "", datetime.now(UTC)

    def settle(self, status: str, *, failure: str = "") -> None:
        """Come to rest in a status, and say why when it is not the one wanted."""
        self.status, self.failure, self.modified = status, failure, datetime.now(UTC)
        self.settled.set()
