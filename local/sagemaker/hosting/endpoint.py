"""Endpoint: its configuration, its status and its fleets."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from local.sagemaker.capture.data_capture import DataCapture
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.variant_properties import variant_of
from local.sagemaker.hosting.model_cache import ModelCache
from local.sagemaker.resource_collection import SageMakerResource
from local.sagemaker.updates.pending_deployment import PendingDeployment

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
_IN_PROGRESS = ("Creating", "Updating", "RollingBack", "Deleting")


class EndpointLease(NamedTuple):
    """An endpoint during one invocation.

    Attributes:
        endpoint: The endpoint.
        port: The port of the process.
        models: The cache of several models.
        config: The configuration of the fleet that serves the invocation; during an update there are two.
        instances: The number of instances of this fleet.
        capture: The data capture of the process, if it has one.
    """

    endpoint: "HostedEndpoint"
    port: int
    models: ModelCache | None
    config: SageMakerResource
    instances: int
    capture: DataCapture | None

    @property
    def variant(self) -> dict[str, Any]:
        """The one production variant of the configuration."""
        return variant_of(self.config.request)


@dataclass(kw_only=True)
class HostedEndpoint:
    """An endpoint.

    Attributes:
        name: Its name.
        config: The endpoint configuration that it serves.
        status: EndpointStatus.
        failure: FailureReason, or "".
        fleet: The fleet that serves; None until it is in service.
        pending: The deployment in progress.
        deployment: The DeploymentConfig of the last request that had one.
        choose: Returns a number from 0 up to 1, by which an invocation goes to one of two fleets.
        announce: Reports a change of the status.
        created: CreationTime.
        modified: LastModifiedTime.
        settled: Set while no change is in progress; after its last change is announced.
    """

    name: str
    config: SageMakerResource
    status: str = "Creating"
    failure: str = ""
    fleet: Fleet | None = None
    pending: PendingDeployment | None = None
    deployment: dict[str, Any] | None = None
    choose: Callable[[], float] = random.random
    announce: Callable[["HostedEndpoint"], None] = lambda _: None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled: threading.Event = field(default_factory=threading.Event)
    _traffic: threading.Lock = field(default_factory=threading.Lock)
    _changing: threading.RLock = field(default_factory=threading.RLock)
    _changes: int = 0

    @property
    def is_changing(self) -> bool:
        """Whether a change is in progress by its status: SageMaker refuses another one meanwhile."""
        return self.status in _IN_PROGRESS

    @property
    def variant(self) -> dict[str, Any]:
        """The one production variant of its configuration."""
        return variant_of(self.config.request)

    def begin(self, status: str) -> None:
        """Starts a change."""
        with self._changing:
            self._changes += 1
            self.settled.clear()
            self._change(status)

    def roll_back(self) -> None:
        """Reports that the change in progress is being undone."""
        self._change("RollingBack")

    def settle(self, status: str, *, failure: str = "") -> None:
        """Ends a change; `failure` is the reason when it failed."""
        with self._changing:
            change, self.pending = self._changes, None
            self._change(status, failure=failure)
            # A client that has read the new status may have begun another change.
            if change == self._changes:
                self.settled.set()

    @contextmanager
    def lease(self) -> Iterator[EndpointLease]:
        """Yields the endpoint for one invocation; the process is not stopped before the invocation ends.

        Raises:
            LookupError: The endpoint has not been in service yet, or is being deleted.
            ContainerDownError: No process of the fleet listens.
        """
        with ExitStack() as leases:
            # A change of traffic waits, so that the leased fleet is one that serves.
            with self._traffic:
                fleet = self._next_fleet()
                container, port = leases.enter_context(fleet.lease())
            instances = fleet.instance_count
            yield EndpointLease(self, port, container.models, fleet.config, instances, container.capture)

    def activate(self, active: int) -> None:
        """Gives traffic to this number of instances of the new fleet."""
        if self.pending:
            with self._traffic:
                self.pending.active = active

    def replace_fleet(self) -> None:
        """Gives all traffic to the new fleet and ends the deployment."""
        if self.pending:
            with self._traffic:
                self.fleet, self.config = self.pending.fleet, self.pending.fleet.config
                self.pending = None

    def withdraw_fleet(self) -> Fleet | None:
        """Takes the fleet out of service and returns it."""
        with self._traffic:
            fleet, self.fleet = self.fleet, None
        return fleet

    def _next_fleet(self) -> Fleet:
        # The end of an update sets it to None at any time.
        pending = self.pending
        if pending and self.choose() < pending.share:
            return pending.fleet
        if self.fleet is None:
            raise LookupError(self.name)
        return self.fleet

    def _change(self, status: str, *, failure: str = "") -> None:
        self.status, self.failure, self.modified = status, failure, datetime.now(UTC)
        self.announce(self)
