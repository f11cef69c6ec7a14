"""The endpoints, and the serving processes behind them."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from local.sagemaker.catalog import Catalog, Resource
from local.sagemaker.container import Container
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.errors import ContainerError, ModelDataError, invalid
from local.sagemaker.model_cache import ModelCache
from local.sagemaker.serverless import check_update
from local.sagemaker.specification import Specification, container_of, is_multi_model

logger = logging.getLogger(__name__)

# SageMaker's default for ContainerStartupHealthCheckTimeoutInSeconds.
_STARTUP_SECONDS = 480.0

# What can keep a serving process from its service; OSError when its program is not even there.
_FAILURES = (ContainerError, ModelDataError, OSError)


class Lease(NamedTuple):
    """What answers an invocation: an endpoint, the port of its process, and its models if it has several."""

    endpoint: Endpoint
    port: int
    models: ModelCache | None


class Hosting:
    """SageMaker hosting: models, endpoint configurations and endpoints of one account and region.

    Args:
        folder: Where unpacked models and the logs of the serving processes go.
        command: The program that serves a model, in place of the model's image.
        environment: What every serving process inherits.
        fetch: Downloads and unpacks: the ModelDataUrl and the folder to make.
        descriptors: Open files every serving process inherits.
    """

    def __init__(
        self,
        *,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        fetch: Callable[[str, Path], None],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.models = Catalog[Resource](noun="model", path="model")
        self.configs = Catalog[Resource](noun="endpoint configuration", path="endpoint-config")
        self.endpoints = Catalog[Endpoint](noun="endpoint", path="endpoint")
        self._folder = folder
        self._command = command
        self._environment = environment
        self._fetch = fetch
        self._descriptors = descriptors
        self._numbers = itertools.count(1)
        self._changing = threading.Lock()
        self._containers: set[Container] = set()
        self._is_closed = False

    def create(self, name: str, config_name: str) -> Endpoint:
        """Create an endpoint; it is Creating when this returns and settles later.

        Raises:
            SageMakerError: There is no such configuration or model, or there is such an endpoint.
        """
        endpoint = Endpoint(name=name, config=self.configs.get(config_name))
        specification = self._specification(endpoint.config)
        self.endpoints.add(endpoint)
        _in_background(self._bring_up, endpoint, specification)
        return endpoint

    def update(self, name: str, config_name: str) -> Endpoint:
        """Give an endpoint another configuration; it serves the old one until the new one is ready.

        Raises:
            SageMakerError: There is no such configuration, model or endpoint, it is being changed, or the
                configuration is one it cannot take.
        """
        config = self.configs.get(config_name)
        specification = self._specification(config)
        check_update(self.endpoints.get(name).config, config)
        endpoint = self._claim(name, "Updating")
        _in_background(self._switch, endpoint, config, specification)
        return endpoint

    def delete(self, name: str) -> Endpoint:
        """Delete an endpoint; its process has ended when it has settled.

        Raises:
            SageMakerError: There is no such endpoint, or it is being changed.
        """
        endpoint = self._claim(name, "Deleting")
        _in_background(self._take_down, endpoint)
        return endpoint

    @contextmanager
    def lease(self, name: str) -> Iterator[Lease]:
        """An endpoint's process, for the length of one invocation.

        Raises:
            LookupError: There is no such endpoint, or it never came into service.
            ContainerDownError: Its process died and is being restarted.
        """
        endpoint = next((endpoint for endpoint in self.endpoints.all() if endpoint.name == name), None)
        with ExitStack() as leases:
            # A switch waits meanwhile, so that the process leased is the one in service.
            with self._changing:
                if endpoint is None or endpoint.container is None:
                    raise LookupError(name)
                container = endpoint.container
                port = leases.enter_context(container.lease())
            yield Lease(endpoint, port, container.models)

    def close(self) -> None:
        """End every serving process at once, the starting ones too, without waiting for invocations."""
        with self._changing:
            self._is_closed = True
            containers = tuple(self._containers)
        with ThreadPoolExecutor() as threads:
            threads.map(lambda container: container.stop(drain=0.0), containers)

    def _claim(self, name: str, status: str) -> Endpoint:
        endpoint = self.endpoints.get(name)
        with self._changing:
            if not endpoint.settled.is_set():
                raise invalid(f'Cannot update in-progress endpoint "{self.endpoints.arn(name)}".')
            endpoint.begin(status)
        return endpoint

    def _specification(self, config: Resource) -> Specification:
        """The container of the one model of a configuration."""
        return container_of(self.models.get(config.request["ProductionVariants"][0]["ModelName"]).request)

    def _bring_up(self, endpoint: Endpoint, specification: Specification) -> None:
        try:
            endpoint.container = self._launch(endpoint, endpoint.config, specification)
        except _FAILURES as error:
            logger.error("Endpoint %s failed: %s", endpoint.name, error)  # noqa: TRY400 - a sentence, no traceback
            endpoint.settle("Failed", failure=str(error))
        else:
            endpoint.settle("InService")

    def _switch(self, endpoint: Endpoint, config: Resource, specification: Specification) -> None:
        try:
            container = self._launch(endpoint, config, specification)
        except _FAILURES as error:
            logger.error("Endpoint %s stays as it was: %s", endpoint.name, error)  # noqa: TRY400 - as above
            endpoint.settle("InService" if endpoint.container else "Failed", failure=str(error))
            return
        with self._changing:
            replaced, endpoint.container, endpoint.config = endpoint.container, container, config
        if replaced:
            self._retire(replaced)
        endpoint.settle("InService")

    def _take_down(self, endpoint: Endpoint) -> None:
        with self._changing:
            container, endpoint.container = endpoint.container, None
        if container:
            self._retire(container)
        self.endpoints.remove(endpoint.name)
        endpoint.settle("Deleting")

    def _launch(self, endpoint: Endpoint, config: Resource, specification: Specification) -> Container:
        folder = self._folder / endpoint.name / str(next(self._numbers))
        folder.mkdir(parents=True)
        variant = config.request["ProductionVariants"][0]
        container = self._make_container(folder, specification)
        try:
            self._admit(container)
            if (url := specification.get("ModelDataUrl")) and container.models is None:
                self._fetch(url, folder / "model")
            logger.info("Endpoint %s: its image is not built here, serving/ runs from source.", endpoint.name)
            if "DataCaptureConfig" in config.request:
                logger.info("Endpoint %s: its requests are not captured here.", endpoint.name)
            container.start(
                timeout=variant.get("ContainerStartupHealthCheckTimeoutInSeconds", _STARTUP_SECONDS)
            )
        except _FAILURES:
            self._retire(container)
            raise
        return container

    def _make_container(self, folder: Path, specification: Specification) -> Container:
        environment = {**self._environment, **specification.get("Environment", {})}
        models = None
        if is_multi_model(specification):
            models = ModelCache(folder=folder, prefix=specification["ModelDataUrl"], fetch=self._fetch)
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

    def _admit(self, container: Container) -> None:
        with self._changing:
            if self._is_closed:
                raise ContainerError("AWS on this machine is going down.")
            self._containers.add(container)

    def _retire(self, container: Container) -> None:
        container.stop()
        self._containers.discard(container)


def _in_background(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()
