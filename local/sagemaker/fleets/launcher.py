"""Start and stop of the serving processes of all endpoints, each with the execution role of its model."""

import functools
import itertools
import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local.sagemaker.capture.data_capture import DataCapture
from local.sagemaker.container_log import ContainerLog
from local.sagemaker.errors import SageMakerError
from local.sagemaker.execution_role import ExecutionRole, image_refusal
from local.sagemaker.fleets.variant_properties import variant_of
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.container_definition import (
    ContainerDefinition,
    container_definition,
    is_multi_model,
)
from local.sagemaker.hosting.errors import ContainerError, ModelArchiveError
from local.sagemaker.hosting.model_archive import download
from local.sagemaker.hosting.model_cache import ModelCache
from local.sagemaker.resource_collection import SageMakerResource

logger = logging.getLogger(__name__)

# SageMaker's default for ContainerStartupHealthCheckTimeoutInSeconds.
_STARTUP_SECONDS = 480.0

# Errors of a start; OSError when the serving command does not exist.
START_ERRORS = (ContainerError, ModelArchiveError, OSError)

Download = Callable[[Any, str, Path], None]


class ContainerLauncher:
    """Starts and stops serving processes.

    Args:
        folder: The folder for unpacked models and for log files of serving processes.
        command: The serving command, in place of the model's image.
        environment: The environment that each serving process inherits.
        download: Downloads and unpacks an archive: takes a boto3 client of S3 with the role's permissions,
            the archive's URL, and the folder to create.
        descriptors: Open files that each serving process inherits.
    """

    def __init__(
        self,
        *,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        download: Download = download,
        descriptors: Sequence[int] = (),
    ) -> None:
        self._folder = folder
        self._command = command
        self._environment = environment
        self._download = download
        self._descriptors = descriptors
        self._numbers = itertools.count(1)
        self._changing = threading.Lock()
        self._logs: dict[Container, ContainerLog] = {}
        self._is_closed = False

    def start(
        self,
        endpoint: str,
        config: SageMakerResource,
        model: SageMakerResource,
        assume: Callable[[SageMakerResource], ExecutionRole],
        *,
        limit: float = math.inf,
    ) -> Container:
        """Starts a serving process of an endpoint; returns it when it is healthy.

        Args:
            endpoint: The endpoint's name.
            config: Its endpoint configuration.
            model: The model of the configuration.
            assume: Assumes the execution role of a model.
            limit: Seconds in which it must be healthy, if the variant allows more.

        Raises:
            ContainerError: The role cannot be assumed or cannot pull the image, or the process fails.
            ModelArchiveError: The model's archive cannot be downloaded or unpacked.
            OSError: The serving command does not exist.
        """
        number = next(self._numbers)
        folder = self._folder / endpoint / str(number)
        folder.mkdir(parents=True)
        variant = variant_of(config.request)
        definition = container_definition(model.request)
        role = _assume(assume, model, definition)
        fetch = functools.partial(self._download, role.client("s3"))
        container = self._new_container(folder, definition, fetch)
        stream = f"{variant.get('VariantName')}/i-{number:017x}"
        group = f"/aws/sagemaker/Endpoints/{endpoint}"
        log = ContainerLog(container.log_file, logs=role.client("logs"), group=group, stream=stream)
        try:
            self._register(container, log)
            if (url := definition.get("ModelDataUrl")) and container.models is None:
                fetch(url, folder / "model")
            _log_differences(endpoint)
            container.capture = _data_capture(config, role, endpoint=endpoint, log_file=container.log_file)
            log.start()
            startup = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", _STARTUP_SECONDS)
            _start(container, variant, timeout=min(startup, limit))
        except BaseException:
            self.stop(container)
            raise
        return container

    def stop(self, container: Container) -> None:
        """Ends a serving process after its invocations, and sends the end of its log."""
        container.stop()
        if container.capture:
            container.capture.close()
        if log := self._logs.pop(container, None):
            log.close()

    def close(self) -> None:
        """Ends all serving processes, those that are starting included, without waiting for invocations."""
        with self._changing:
            self._is_closed = True
            containers = tuple(self._logs)
        with ThreadPoolExecutor() as threads:
            threads.map(lambda container: container.stop(drain=0.0), containers)

    def _new_container(
        self, folder: Path, definition: ContainerDefinition, fetch: Callable[[str, Path], None]
    ) -> Container:
        environment = {**self._environment, **definition.get("Environment", {})}
        models = None
        if is_multi_model(definition):
            models = ModelCache(folder=folder, prefix=definition["ModelDataUrl"], download=fetch)
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

    def _register(self, container: Container, log: ContainerLog) -> None:
        with self._changing:
            if self._is_closed:
                raise ContainerError("AWS on this machine is being stopped.")
            self._logs[container] = log


def _start(container: Container, variant: Mapping[str, Any], *, timeout: float) -> None:
    """Starts a container; the error begins with SageMaker's sentence.

    https://github.com/awslabs/llm-hosting-container/issues/18
    """
    try:
        container.start(timeout=timeout)
    except ContainerError as error:
        raise ContainerError(
            f"The primary container for production variant {variant.get('VariantName')} did not pass the "
            f"ping health check. Please check CloudWatch logs for this endpoint. {error}"
        ) from None


def _assume(
    assume: Callable[[SageMakerResource], ExecutionRole],
    model: SageMakerResource,
    definition: ContainerDefinition,
) -> ExecutionRole:
    """Assumes the role of a model, with which SageMaker pulls the image first."""
    try:
        role = assume(model)
    except SageMakerError as error:
        raise ContainerError(error.message) from None
    if reason := image_refusal(role, model.request["ExecutionRoleArn"], definition.get("Image", "")):
        raise ContainerError(reason)
    return role


def _data_capture(
    config: SageMakerResource, role: ExecutionRole, *, endpoint: str, log_file: Path
) -> DataCapture | None:
    """Starts the data capture of an endpoint configuration, if it has one that is on."""
    capture = config.request.get("DataCaptureConfig") or {}
    if not capture.get("EnableCapture"):
        return None
    variant = variant_of(config.request)["VariantName"]
    found = DataCapture(capture, s3=role.client("s3"), place=(endpoint, variant), log_file=log_file)
    found.start()
    return found


def _log_differences(endpoint: str) -> None:
    logger.info("Endpoint %s: its image is not built; serving/ runs from the source tree.", endpoint)
