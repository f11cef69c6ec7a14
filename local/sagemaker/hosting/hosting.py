"""SageMaker hosting: creates, updates and deletes endpoints and their serving processes."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from local.sagemaker.errors import invalid
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.container_definition import (
    ContainerDefinition,
    container_definition,
    is_multi_model,
)
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.errors import ContainerError, ModelArchiveError
from local.sagemaker.hosting.model_cache import ModelCache
from local.sagemaker.hosting.serverless import check_update
from local.sagemaker.named_resources import Catalog, SageMakerResource

logger = logging.getLogger(__name__)

# SageMaker's default for ContainerStartupHealthCheckTimeoutInSeconds.
_STARTUP_SECONDS = 480.0

# Errors of a start; OSError when the serving command does not exist.
_START_ERRORS = (ContainerError, ModelArchiveError, OSError)


class EndpointLease(NamedTuple):
    """An endpoint during one invocation: the port of its process, and the cache of several models."""

    endpoint: HostedEndpoint
    port: int
    models: ModelCache | None


class SageMakerHosting:
    """Models, endpoint configurations and endpoints of one account and region.

    Args:
        folder: The folder for unpacked models and for log files of serving processes.
        command: The serving command, in place of the model's image.
        environment: The environment that each serving process inherits.
        download: Downloads and unpacks an archive: takes its ModelDataUrl and the folder to create.
        descriptors: Open files that each serving process inherits.
    """

    def __init__(
        self,
        *,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        download: Callable[[str, Path], None],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.models = Catalog[SageMakerResource](noun="model", path="model")
        self.configs = Catalog[SageMakerResource](noun="endpoint configuration", path="endpoint-config")
        self.endpoints = Catalog[HostedEndpoint](noun="endpoint", path="endpoint")
        self._folder = folder
        self._command = command
        self._environment = environment
        self._download = download
        self._descriptors = descriptors
        self._numbers = itertools.count(1)
        self._changing = threading.Lock()
        self._containers: set[Container] = set()
        self._is_closed = False

    def create(self, name: str, config_name: str) -> HostedEndpoint:
        """Creates an endpoint in the background; its status is Creating until it has settled.

        Raises:
            SageMakerError: The configuration or its model does not exist, or the endpoint exists already.
        """
        endpoint = HostedEndpoint(name=name, config=self.configs.get(config_name))
        definition = self._container_definition(endpoint.config)
        self.endpoints.add(endpoint)
        _in_background(self._create, endpoint, definition)
        return endpoint

    def update(self, name: str, config_name: str) -> HostedEndpoint:
        """Updates an endpoint in the background; the old configuration serves until the new one is healthy.

        Raises:
            SageMakerError: The configuration, its model or the endpoint does not exist, a change is in
                progress, or the update is from instances to serverless.
        """
        config = self.configs.get(config_name)
        definition = self._container_definition(config)
        check_update(self.endpoints.get(name).config, config)
        endpoint = self._claim(name, "Updating")
        _in_background(self._update, endpoint, config, definition)
        return endpoint

    def delete(self, name: str) -> HostedEndpoint:
        """Deletes an endpoint in the background; its process has ended when it has settled.

        Raises:
            SageMakerError: The endpoint does not exist, or a change is in progress.
        """
        endpoint = self._claim(name, "Deleting")
        _in_background(self._delete, endpoint)
        return endpoint

    @contextmanager
    def lease(self, name: str) -> Iterator[EndpointLease]:
        """Yields an endpoint for one invocation; its process is not stopped before the invocation ends.

        Raises:
            LookupError: The endpoint does not exist or has not been in service yet.
            ContainerDownError: Its process crashed and is being restarted.
        """
        endpoint = next((endpoint for endpoint in self.endpoints.all() if endpoint.name == name), None)
        with ExitStack() as leases:
            # The lock delays an update, so that the leased process is the one in service.
            with self._changing:
                if endpoint is None or endpoint.container is None:
                    raise LookupError(name)
                container = endpoint.container
                port = leases.enter_context(container.lease())
            yield EndpointLease(endpoint, port, container.models)

    def close(self) -> None:
        """Ends all serving processes, those that are starting included, without waiting for invocations."""
        with self._changing:
            self._is_closed = True
            containers = tuple(self._containers)
        with ThreadPoolExecutor() as threads:
            threads.map(lambda container: container.stop(drain=0.0), containers)

    def _claim(self, name: str, status: str) -> HostedEndpoint:
        endpoint = self.endpoints.get(name)
        with self._changing:
            if not endpoint.settled.is_set():
                raise invalid(f'Cannot update in-progress endpoint "{self.endpoints.arn(name)}".')
            endpoint.begin(status)
        return endpoint

    def _container_definition(self, config: SageMakerResource) -> ContainerDefinition:
        """The container of the one model of a configuration."""
        return container_definition(
            self.models.get(config.request["ProductionVariants"][0]["ModelName"]).request
        )

    def _create(self, endpoint: HostedEndpoint, definition: ContainerDefinition) -> None:
        try:
            endpoint.container = self._start_container(endpoint, endpoint.config, definition)
        except _START_ERRORS as error:
            logger.error("Endpoint %s failed: %s", endpoint.name, error)  # noqa: TRY400 - no traceback
            endpoint.settle("Failed", failure=str(error))
        else:
            endpoint.settle("InService")

    def _update(
        self, endpoint: HostedEndpoint, config: SageMakerResource, definition: ContainerDefinition
    ) -> None:
        try:
            container = self._start_container(endpoint, config, definition)
        except _START_ERRORS as error:
            logger.error("Endpoint %s still serves its old configuration: %s", endpoint.name, error)  # noqa: TRY400 - no traceback
            endpoint.settle("InService" if endpoint.container else "Failed", failure=str(error))
            return
        with self._changing:
            replaced, endpoint.container, endpoint.config = endpoint.container, container, config
        if replaced:
            self._stop_container(replaced)
        endpoint.settle("InService")

    def _delete(self, endpoint: HostedEndpoint) -> None:
        with self._changing:
            container, endpoint.container = endpoint.container, None
        if container:
            self._stop_container(container)
        self.endpoints.remove(endpoint.name)
        endpoint.settle("Deleting")

    def _start_container(
        self, endpoint: HostedEndpoint, config: SageMakerResource, definition: ContainerDefinition
    ) -> Container:
        folder = self._folder / endpoint.name / str(next(self._numbers))
        folder.mkdir(parents=True)
        variant = config.request["ProductionVariants"][0]
        container = self._new_container(folder, definition)
        try:
            self._register(container)
            if (url := definition.get("ModelDataUrl")) and container.models is None:
                self._download(url, folder / "model")
            logger.info(
                "Endpoint %s: its image is not built; serving/ runs from the source tree.", endpoint.name
            )
            if "DataCaptureConfig" in config.request:
                logger.info("Endpoint %s: DataCaptureConfig has no effect here.", endpoint.name)
            container.start(
                timeout=variant.get("ContainerStartupHealthCheckTimeoutInSeconds", _STARTUP_SECONDS)
            )
        except _START_ERRORS:
            self._stop_container(container)
            raise
        return container

    def _new_container(self, folder: Path, definition: ContainerDefinition) -> Container:
        environment = {**self._environment, **definition.get("Environment", {})}
        models = None
        if is_multi_model(definition):
            models = ModelCache(folder=folder, prefix=definition["ModelDataUrl"], download=self._download)
            # As SageMaker does, whatever the model's own environment says:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/build-multi-model-build-container.html
            environment["SAGEMAKER_MULTI_MODEL"] = "true"
        return Container(
            command=self._command,
            folder=folder,
            environment=environment,
            descriptors=self._descriptors,
            models=models,
        )

    def _register(self, container: Container) -> None:
        with self._changing:
            if self._is_closed:
                raise ContainerError("AWS on this machine is being stopped.")
            self._containers.add(container)

    def _stop_container(self, container: Container) -> None:
        container.stop()
        self._containers.discard(container)


def _in_background(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()
