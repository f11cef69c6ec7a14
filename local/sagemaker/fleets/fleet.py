"""Fleet: the instances that serve one endpoint configuration of an endpoint."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from local.sagemaker.fleets.variant_properties import VariantProperties, variant_of
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.errors import ContainerDownError
from local.sagemaker.resource_collection import SageMakerResource


class Fleet:
    """Instances, each a serving process.

    Args:
        config: The endpoint configuration that they serve.
        properties: The desired number of instances, and the variant's weight.
        launch: Starts a serving process: takes the seconds in which it must be healthy.
        stop: Ends a serving process after its invocations.

    Attributes:
        config: The endpoint configuration that they serve.
        properties: The desired number of instances, and the variant's weight.
    """

    def __init__(
        self,
        config: SageMakerResource,
        *,
        properties: VariantProperties,
        launch: Callable[[float], Container],
        stop: Callable[[Container], None],
    ) -> None:
        self.config = config
        self.properties = properties
        self._launch = launch
        self._stop = stop
        self._changing = threading.Lock()
        self._containers: list[Container] = []

    @property
    def variant(self) -> dict[str, Any]:
        """The one production variant of the configuration."""
        return variant_of(self.config.request)

    @property
    def instance_count(self) -> int:
        """The number of healthy instances: those that have started and have not been stopped."""
        return len(self._containers)

    def start(self, count: int, *, limit: float) -> None:
        """Starts instances, all at the same time; returns when all of them are healthy.

        Args:
            count: How many.
            limit: Seconds in which each must be healthy.

        Raises:
            ContainerError, ModelArchiveError, OSError: An instance did not start; others may have.
        """
        with ThreadPoolExecutor(max_workers=count) as threads:
            launches = [threads.submit(self._launch, limit) for _ in range(count)]
        started = [launch.result() for launch in launches if launch.exception() is None]
        with self._changing:
            self._containers += started
        for launch in launches:
            launch.result()

    def stop(self, count: int | None = None) -> None:
        """Ends the oldest instances, or all of them; each finishes its invocations first."""
        with self._changing:
            leaving = self._containers[:count]
            self._containers = self._containers[len(leaving) :]
        if leaving:
            with ThreadPoolExecutor(max_workers=len(leaving)) as threads:
                list(threads.map(self._stop, leaving))

    def adopt(self, other: "Fleet") -> None:
        """Takes over the instances of another fleet."""
        with self._changing, other._changing:
            self._containers += other._containers
            other._containers = []

    @contextmanager
    def lease(self) -> Iterator[tuple[Container, int]]:
        """Yields an instance and its port for one invocation; it is not stopped before the invocation ends.

        SageMaker routes at random among healthy instances:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantRoutingConfig.html

        Raises:
            ContainerDownError: Every instance crashed and is being restarted, or is stopped.
        """
        with ExitStack() as leases:
            with self._changing:
                container, port = self._lease_one(leases)
            yield container, port

    def _lease_one(self, leases: ExitStack) -> tuple[Container, int]:
        for container in random.sample(self._containers, len(self._containers)):
            try:
                return container, leases.enter_context(container.lease())
            except ContainerDownError:
                continue
        raise ContainerDownError
