"""SageMaker training: creates and stops training jobs and their instances."""

import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.sagemaker.errors import invalid
from local.sagemaker.execution_role import AssumeRole, ExecutionRole, assume_or_refuse, image_refusal
from local.sagemaker.job_input import InputError, split_s3_uri
from local.sagemaker.resource_collection import Catalog
from local.sagemaker.training.cluster import await_end, create_folders
from local.sagemaker.training.instance import TrainingInstance
from local.sagemaker.training.instance_folder import InstanceFolder
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.job_events import TrainingEvents
from local.sagemaker.updates.endpoint_events import Publish

logger = logging.getLogger(__name__)

# SageMaker's own words: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
_ERRORS = (ClientError, BotoCoreError, InputError, OSError)


class SageMakerTraining:
    """Training jobs of one account and region.

    Args:
        assume: Assumes the execution role of a job.
        folder: The parent of the instances' folders.
        command: The training command, in place of a job's image.
        environment: The environment that each training process inherits.
        publish: Sends an event.
        descriptors: Open files that each training process inherits.
        clock: Returns seconds, for MaxRuntimeInSeconds.
    """

    def __init__(
        self,
        *,
        assume: AssumeRole,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        publish: Publish,
        descriptors: Sequence[int] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.jobs = Catalog[TrainingJob](noun="training job", path="training-job")
        self._events = TrainingEvents(publish, arn=self.jobs.arn)
        self._assume = assume
        self._folder = folder
        self._command = command
        self._environment = environment
        self._descriptors = descriptors
        self._clock = clock
        self._instances: list[TrainingInstance] = []
        self._is_closed = threading.Event()

    def create(self, job: TrainingJob) -> None:
        """Starts a job in the background; its status is InProgress until it has settled.

        Raises:
            SageMakerError: A job of this name exists already, or SageMaker may not assume its role.
        """
        role = assume_or_refuse(self._assume, job.request["RoleArn"], source_arn=self.jobs.arn(job.name))
        self.jobs.add(job)
        job.announce = self._events.status_changed
        self._events.status_changed(job)
        threading.Thread(target=self._run, args=(job, role), daemon=True).start()

    def stop(self, name: str) -> None:
        """Requests the stop of a job; does nothing if it is Stopped.

        Raises:
            SageMakerError: The job does not exist, or it is Completed or Failed.
        """
        before = self.jobs.get(name).stop()
        if before in ("Completed", "Failed"):
            raise invalid(f"The request was rejected because the training job is in status {before}.")

    def close(self) -> None:
        """Kills all training processes."""
        self._is_closed.set()
        for instance in tuple(self._instances):
            instance.kill()

    def _run(self, job: TrainingJob, role: ExecutionRole) -> None:
        base = self._folder / job.name
        try:
            self._train(job, role, base)
        except _ERRORS as error:
            logger.error("Training job %s failed: %s", job.name, error)  # noqa: TRY400 - no traceback
            job.settle("Failed", failure=f"ClientError: {error}")
        except Exception:
            # A state machine waits for the end of its job, whatever happens.
            logger.exception("Training job %s failed.", job.name)
            job.settle("Failed", failure=_INTERNAL)
        finally:
            shutil.rmtree(base, ignore_errors=True)

    def _train(self, job: TrainingJob, role: ExecutionRole, base: Path) -> None:
        image = job.request["AlgorithmSpecification"].get("TrainingImage", "")
        if reason := image_refusal(role, job.request["RoleArn"], image):
            raise PermissionError(reason)
        s3 = role.client("s3")
        folders = create_folders(job, base)
        job.enter("Downloading")
        for folder in folders:
            folder.download(job.request, s3)
        logger.info(
            "Training job %s: its image is not pulled; training/ runs from the source tree.", job.name
        )
        job.enter("Training")
        instances: list[TrainingInstance] = []
        try:
            for number, folder in enumerate(folders, 1):
                instances.append(self._start(job, role, folder, number))
            is_late = await_end(job, instances, self._clock)
        finally:
            # Those beside one that could not start; an instance that has ended is not affected.
            for instance in instances:
                instance.kill()
        lines = [line for instance in instances for line in instance.finish()]
        job.metrics = _metrics(job, lines)
        job.enter("Uploading")
        for folder in folders:
            folder.upload_checkpoints(job.request, s3)
        self._settle(job, s3, instances, is_late=is_late)

    def _start(
        self, job: TrainingJob, role: ExecutionRole, folder: InstanceFolder, number: int
    ) -> TrainingInstance:
        instance = TrainingInstance(
            self._command,
            folder=folder,
            environment={**self._environment, **job.request.get("Environment", {})},
            descriptors=self._descriptors,
            logs=role.client("logs"),
            stream=f"{job.name}/algo-{number}-{int(job.created.timestamp())}",
        )
        self._instances.append(instance)
        if self._is_closed.is_set():
            instance.kill()
        return instance

    def _settle(
        self, job: TrainingJob, s3: Any, instances: Sequence[TrainingInstance], *, is_late: bool
    ) -> None:
        first = instances[0].folder
        bucket, prefix = split_s3_uri(job.request["OutputDataConfig"]["S3OutputPath"])
        output = "/".join(filter(None, [prefix.rstrip("/"), job.name, "output"]))
        # Those beside a failed one end by SIGTERM, perhaps before they handle it.
        ended = sorted((one for one in instances if one.code), key=lambda one: not one.has_failed)
        failed = ended[0] if ended else None
        is_stopped = job.stopping.is_set() or is_late
        model = first.pack("model") if failed is None or is_stopped else b""
        for name, content in (("model", model), ("output", first.pack("output/data"))):
            if content:
                s3.put_object(Bucket=bucket, Key=f"{output}/{name}.tar.gz", Body=content)
        if model:
            job.artifacts = f"s3://{bucket}/{output}/model.tar.gz"
        if is_stopped:
            job.settle("MaxRuntimeExceeded" if is_late else "Stopped")
        elif failed:
            reason = (
                failed.folder.failure() or "Please use an API compliant container that writes a failure file"
            )
            job.settle("Failed", failure=f"AlgorithmError: {reason}, exit code: {failed.code}")
        else:
            job.settle("Completed")


def _metrics(job: TrainingJob, lines: Sequence[str]) -> dict[str, float]:
    """Returns the last value of each metric; SageMaker leaves out what is no number."""
    found = {}
    for definition in job.request["AlgorithmSpecification"].get("MetricDefinitions", ()):
        for value in re.findall(definition["Regex"], "\n".join(lines)):
            with suppress(ValueError):
                found[definition["Name"]] = float(value)
    return found
