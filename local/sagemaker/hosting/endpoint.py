"""Endpoint: its configuration, its status and its serving process."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.hosting.container import Container
from local.sagemaker.named_resources import SageMakerResource


@dataclass(kw_only=True)
class HostedEndpoint:
    """An endpoint.

    Attributes:
        name: Its name.
        config: The endpoint configuration that it serves.
        status: EndpointStatus.
        failure: FailureReason, or "".
        container: Its serving process; None until it is in service.
        deployment: The DeploymentConfig of the last request. It is only described: an update here switches
            all traffic at once when the new process is healthy, and no alarm rolls it back.
        created: CreationTime.
        modified: LastModifiedTime.
        settled: Set while no change is in progress.
    """

    name: str
    config: SageMakerResource
    status: str = "Creating"
    failure: str = ""
    container: Container | None = None
    deployment: dict[str, Any] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled: threading.Event = field(default_factory=threading.Event)

    @property
    def variant(self) -> dict[str, Any]:
        """The one production variant of its configuration."""
        variant: dict[str, Any] = self.config.request["ProductionVariants"][0]
        return variant

    def begin(self, status: str) -> None:
        """Starts a change."""
        self.settled.clear()
        self.status, self.failure, self.modified = status, "", datetime.now(UTC)

    def settle(self, status: str, *, failure: str = "") -> None:
        """Ends a change; `failure` is the reason when it failed."""
        self.status, self.failure, self.modified = status, failure, datetime.now(UTC)
        self.settled.set()
