"""Start and end of the serving processes of transform jobs."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.sagemaker.container_log import ContainerLog
from local.sagemaker.execution_role import ExecutionRole
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.container_definition import ContainerDefinition
from local.sagemaker.hosting.errors import ContainerError
from local.sagemaker.hosting.model_archive import download
from local.sagemaker.transform.invocations import batch_environment
from local.sagemaker.transform.job import TransformJob
from local.sagemaker.transform.job_log import TRANSFORM_LOG_GROUP

_STARTUP_SECONDS = 480.0


class TransformLauncher:
    """Starts serving processes, and ends them with their job.

    Args:
        command: The serving command, in place of a model's image.
        environment: The environment that each serving process inherits.
        descriptors: Open files that each serving process inherits.
        fetch: Downloads and unpacks a model archive.
    """

    def __init__(
        self,
        *,
        command: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
        fetch: Callable[[Any, str, Path], None] = download,
    ) -> None:
        self._command = command
        self._environment = environment
        self._descriptors = descriptors
        self._fetch = fetch
        self._changing = threading.Lock()
        self._running: list[tuple[str, Container]] = []
        self._is_closed = False

    @contextmanager
    def running(
        self,
        job: TransformJob,
        definition: ContainerDefinition,
        role: ExecutionRole,
        *,
        folder: Path,
        stream: str,
    ) -> Iterator[Container]:
        """Yields a healthy serving process of a job, and ends it.

        Args:
            job: The job.
            definition: The container of its model.
            role: The execution role of its model.
            folder: The process's folder, to be created.
            stream: The name of its log stream.

        Raises:
            ContainerError: The process fails, or the job is being stopped.
            ModelArchiveError: The model's archive cannot be downloaded or unpacked.
            OSError: The serving command does not exist.
        """
        folder.mkdir(parents=True)
        container = Container(
            command=self._command,
            folder=folder,
            environment={
                **self._environment,
                **definition.get("Environment", {}),
                **dict(batch_environment(job.request)),
            },
            descriptors=self._descriptors,
        )
        log = ContainerLog(
            container.log_file, logs=role.client("logs"), group=TRANSFORM_LOG_GROUP, stream=stream
        )
        self._register(job, container)
        try:
            if url := definition.get("ModelDataUrl"):
                self._fetch(role.client("s3"), url, folder / "model")
            log.start()
            container.start(timeout=_STARTUP_SECONDS)
            yield container
        finally:
            container.stop(drain=0.0)
            log.close()
            with self._changing:
                self._running.remove((job.name, container))

    def stop(self, job: TransformJob) -> None:
        """Ends the processes of a job, without waiting for invocations."""
        with self._changing:
            own = [container for name, container in self._running if name == job.name]
        self._end(own)

    def close(self) -> None:
        """Ends all serving processes, without waiting for invocations."""
        with self._changing:
            self._is_closed = True
            all_containers = [container for _, container in self._running]
        self._end(all_containers)

    def _register(self, job: TransformJob, container: Container) -> None:
        with self._changing:
            if self._is_closed or job.stopping.is_set():
                raise ContainerError("The transform job is being stopped.")
            self._running.append((job.name, container))

    def _end(self, containers: Sequence[Container]) -> None:
        with ThreadPoolExecutor() as threads:
            for container in containers:
                threads.submit(container.stop, drain=0.0)
