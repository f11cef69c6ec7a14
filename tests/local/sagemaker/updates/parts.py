"""Parts of updates: fleets without processes, alarms whose states a test sets, and a recorder of stages."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.variant_properties import VariantProperties
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.errors import ContainerDownError
from local.sagemaker.resource_collection import SageMakerResource
from local.sagemaker.updates.bake_monitor import DeploymentMonitor
from local.sagemaker.updates.deployment import EndpointDeployment
from local.sagemaker.updates.pending_deployment import PendingDeployment
from local.sagemaker.updates.rollback_alarms import RollbackAlarms
from local.sagemaker.updates.update_policy import UpdatePolicy
from tests.local.sagemaker.quick_hosting import FakeClock

if TYPE_CHECKING:
    from local.sagemaker.hosting.container import Container


def config(name: str, **variant: Any) -> SageMakerResource:
    """Returns an endpoint configuration of one variant."""
    members = {"VariantName": "primary", "ModelName": name, "InstanceType": "ml.m5.large", **variant}
    return SageMakerResource(name=name, request={"ProductionVariants": [members]})


class FakeInstance:
    """An instance without a process."""

    models = None
    capture = None

    def __init__(self, *, is_down: bool = False) -> None:
        self.is_down = is_down

    @contextmanager
    def lease(self) -> Iterator[int]:
        """Yields a port on which nothing listens."""
        if self.is_down:
            raise ContainerDownError
        yield 0


def fleet_of(
    name: str, count: int, *, launch: Callable[[float], FakeInstance] = lambda _: FakeInstance()
) -> Fleet:
    """Returns a fleet without instances that desires a number of them."""
    return Fleet(
        config(name),
        properties=VariantProperties(count, 1.0),
        launch=cast("Callable[[float], Container]", launch),
        stop=lambda _: None,
    )


class SetAlarms(RollbackAlarms):
    """Alarms of which the test says which are in ALARM."""

    def __init__(self) -> None:
        super().__init__([], assume=lambda: cast("Any", None))
        self.tripped: list[str] = []
        self.readings = 0

    def in_alarm(self) -> list[str]:
        """Returns the names that the test has set."""
        self.readings += 1
        return self.tripped


class Update:
    """An update of an endpoint with fleets without processes.

    Attributes:
        stages: The stages as DescribeEndpoint shows them: status, message and the new fleet's share.
        instances: How many instances the old and the new fleet have in each stage.
    """

    def __init__(
        self,
        policy: UpdatePolicy,
        *,
        old: int = 4,
        new: int = 4,
        launch: Callable[[float], FakeInstance] = lambda _: FakeInstance(),
        relaunch: Callable[[float], FakeInstance] = lambda _: FakeInstance(),
    ) -> None:
        self.clock, self.alarms = FakeClock(), SetAlarms()
        self.stages: list[tuple[str, str, float]] = []
        self.instances: list[tuple[int, int]] = []
        self.old, self.new = fleet_of("old", old, launch=relaunch), fleet_of("new", new, launch=launch)
        self.policy = policy
        self.endpoint = HostedEndpoint(
            name="endpoint", config=self.old.config, status="Updating", fleet=self.old
        )

    def run(self) -> str:
        """Runs the update; returns the reason of a rollback, or ""."""
        self.endpoint.pending = pending = PendingDeployment(fleet=self.new)
        monitor = DeploymentMonitor(
            clock=self.clock, alarms=self.alarms, timeout=self.policy.timeout, stopping=threading.Event()
        )
        return EndpointDeployment(
            self.endpoint, pending, old=self.old, policy=self.policy, monitor=monitor, announce=self._record
        ).run()

    def shares(self) -> list[float]:
        """Returns the new fleet's share in each bake."""
        return [share for status, _, share in self.stages if status == "Baking"]

    def _record(self, endpoint: HostedEndpoint) -> None:
        if pending := endpoint.pending:
            self.stages.append((pending.status, pending.message, pending.share))
            self.instances.append((self.old.instance_count, self.new.instance_count))
