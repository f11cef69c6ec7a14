"""The training jobs, and the processes that do them."""

import logging
import re
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import LocalAws
from local.listener import HOST
from local.sagemaker.catalog import Catalog
from local.sagemaker.container import free_port
from local.sagemaker.errors import invalid
from local.sagemaker.training.folder import Folder, split
from local.sagemaker.training.instance import STOP_SECONDS, Instance
from local.sagemaker.training.job import TrainingJob

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.05
# SageMaker's default for MaxRuntimeInSeconds.
_MOST_SECONDS = 86_400.0
_FAILURES = (ClientError, BotoCoreError, OSError)


class Training:
    """SageMaker training jobs of one account and region.

    Args:
        aws: Whose S3 and CloudWatch they use.
        folder: Where their instances' folders are.
        command: The program that trains, in place of a job's image.
        environment: What every such process inherits.
        descriptors: Open files every one inherits.
    """

    def __init__(
        self,
        aws: LocalAws,
        *,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.jobs = Catalog[TrainingJob](noun="training job", path="training-job")
        self._aws = aws
        self._folder = folder
        self._command = command
        self._environment = environment
        self._descriptors = descriptors
        self._instances: list[Instance] = []
        self._is_closed = threading.Event()

    def create(self, job: TrainingJob) -> None:
        """Start a job; it is InProgress when this returns and settles later.

        Raises:
            SageMakerError: There is one of this name.
        """
        self.jobs.add(job)
        threading.Thread(target=self._run, args=(job,), daemon=True).start()

    def stop(self, name: str) -> None:
        """Ask a job to end; that it has ended already is no failure.

        Raises:
            SageMakerError: There is none of this name, or it ended otherwise.
        """
        job = self.jobs.get(name)
        if job.status in ("Completed", "Failed"):
            raise invalid(f"The request was rejected because the training job is in status {job.status}.")
        if not job.settled.is_set():
            job.enter("Stopping")
            job.stopping.set()

    def close(self) -> None:
        """End every process at once."""
        self._is_closed.set()
        for instance in tuple(self._instances):
            instance.kill()

    def _run(self, job: TrainingJob) -> None:
        base = self._folder / job.name
        try:
            self._train(job, base)
        except _FAILURES as error:
            logger.error("Training job %s failed: %s", job.name, error)  # noqa: TRY400 - a sentence is enough
            job.settle("Failed", failure=f"ClientError: {error}")
        finally:
            shutil.rmtree(base, ignore_errors=True)

    def _train(self, job: TrainingJob, base: Path) -> None:
        s3 = self._aws.client("s3")
        folders = _prepare(job, base)
        job.enter("Downloading")
        for folder in folders:
            folder.fill(job.request, s3)
        logger.info("Training job %s: its image is not pulled here, training/ runs from source.", job.name)
        job.enter("Training")
        instances = [self._start(job, folder, number) for number, folder in enumerate(folders, 1)]
        is_late = _await(job, instances)
        lines = [line for instance in instances for line in instance.finish()]
        job.metrics = _metrics(job, lines)
        job.enter("Uploading")
        for folder in folders:
            folder.keep_checkpoints(job.request, s3)
        self._settle(job, instances, is_late=is_late)

    def _start(self, job: TrainingJob, folder: Folder, number: int) -> Instance:
        instance = Instance(
            self._command,
            folder=folder,
            environment={**self._environment, **job.request.get("Environment", {})},
            descriptors=self._descriptors,
            logs=self._aws.client("logs"),
            stream=f"{job.name}/algo-{number}-{int(job.created.timestamp())}",
        )
        self._instances.append(instance)
        if self._is_closed.is_set():
            instance.kill()
        return instance

    def _settle(self, job: TrainingJob, instances: Sequence[Instance], *, is_late: bool) -> None:
        first = instances[0].folder
        bucket, prefix = split(job.request["OutputDataConfig"]["S3OutputPath"])
        place = "/".join(filter(None, [prefix.rstrip("/"), job.name, "output"]))
        failed = next((instance for instance in instances if instance.code), None)
        is_ended = job.stopping.is_set() or is_late
        model = first.pack("model") if failed is None or is_ended else b""
        for name, content in (("model", model), ("output", first.pack("output/data"))):
            if content:
                self._aws.client("s3").put_object(Bucket=bucket, Key=f"{place}/{name}.tar.gz", Body=content)
        if model:
            job.artifacts = f"s3://{bucket}/{place}/model.tar.gz"
        if is_ended:
            job.settle("MaxRuntimeExceeded" if is_late else "Stopped")
        elif failed:
            said = (
                failed.folder.failure() or "Please use an API compliant container that writes a failure file"
            )
            job.settle("Failed", failure=f"AlgorithmError: {said}, exit code: {failed.code}")
        else:
            job.settle("Completed")


def _prepare(job: TrainingJob, base: Path) -> list[Folder]:
    """A folder for each instance; they find each other by port, having all one address here."""
    count = job.request["ResourceConfig"].get("InstanceCount", 1)
    hosts = ["algo-1"] if count == 1 else [f"{HOST}:{free_port()}" for _ in range(count)]
    folders = []
    for number, host in enumerate(hosts, 1):
        folder = Folder(base / f"algo-{number}")
        folder.prepare(job.request, host=host, hosts=hosts)
        folders.append(folder)
    return folders


def _await(job: TrainingJob, instances: Sequence[Instance]) -> bool:
    """Wait until all have ended, and end them when it is time; returns whether their time was up."""
    most: float = job.request["StoppingCondition"].get("MaxRuntimeInSeconds", _MOST_SECONDS)
    late = time.monotonic() + most
    while _are_running(instances):
        is_late = time.monotonic() > late
        # When one fails SageMaker ends the others.
        if is_late or job.stopping.is_set() or any(instance.code for instance in instances):
            _end(instances)
            return is_late
        time.sleep(_POLL_SECONDS)
    return False


def _end(instances: Sequence[Instance]) -> None:
    for instance in instances:
        instance.stop()
    deadline = time.monotonic() + STOP_SECONDS
    while _are_running(instances) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    for instance in instances:
        instance.kill()


def _are_running(instances: Sequence[Instance]) -> bool:
    return any(instance.code is None for instance in instances)


def _metrics(job: TrainingJob, lines: Sequence[str]) -> dict[str, float]:
    found = {}
    for definition in job.request["AlgorithmSpecification"].get("MetricDefinitions", ()):
        values = re.findall(definition["Regex"], "\n".join(lines))
        if values:
            found[definition["Name"]] = float(values[-1])
    return found
