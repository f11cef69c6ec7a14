"""SageMaker batch transform: creates and stops transform jobs."""

import logging
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.sagemaker.errors import invalid
from local.sagemaker.execution_role import ExecutionRole, image_refusal
from local.sagemaker.hosting.container_definition import container_definition, is_multi_model
from local.sagemaker.hosting.errors import ContainerError, ModelArchiveError
from local.sagemaker.hosting.model_catalog import ModelCatalog
from local.sagemaker.job_input import InputError, InputObject, input_objects
from local.sagemaker.resource_collection import Catalog, SageMakerResource
from local.sagemaker.transform.instance import JobStoppedError, MiniBatchError, TransformInstance
from local.sagemaker.transform.job import TransformJob
from local.sagemaker.transform.job_events import TransformEvents
from local.sagemaker.transform.job_log import DataLog
from local.sagemaker.transform.job_request import check_transform_request
from local.sagemaker.transform.launcher import TransformLauncher
from local.sagemaker.transform.records.data_processing import DataProcessingError
from local.sagemaker.transform.records.mini_batch import PayloadError
from local.sagemaker.updates.endpoint_events import Publish

logger = logging.getLogger(__name__)

_JOB_ERRORS = (ClientError, BotoCoreError, OSError, InputError, ContainerError, ModelArchiveError)
_OBJECT_ERRORS = (MiniBatchError, PayloadError, DataProcessingError, InputError, ClientError)
# SageMaker's own words: https://github.com/aws/sagemaker-python-sdk/discussions/2439
_SEE_LOGS = "See job logs for more information"
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."

_Waiting = SimpleQueue[InputObject]


class SageMakerTransform:
    """Transform jobs of one account and region.

    Args:
        models: The models, whose execution roles the jobs use.
        launcher: Starts serving processes.
        folder: The parent of the folders of the jobs.
        publish: Sends an event.
    """

    def __init__(
        self, models: ModelCatalog, *, launcher: TransformLauncher, folder: Path, publish: Publish
    ) -> None:
        self.jobs = Catalog[TransformJob](noun="transform job", path="transform-job")
        self._events = TransformEvents(publish, arn=self.jobs.arn)
        self._models = models
        self._launcher = launcher
        self._folder = folder

    def create(self, name: str, request: dict[str, Any]) -> TransformJob:
        """Starts a job in the background; its status is InProgress until it has settled.

        Raises:
            SageMakerError: The request is invalid, the model does not exist or hosts several models,
                SageMaker may not assume its role, or a job of this name exists already.
        """
        check_transform_request(request)
        model = self._models.get(request["ModelName"])
        if is_multi_model(container_definition(model.request)):
            raise invalid("Batch transform does not support a model with a container of Mode MultiModel.")
        role = self._models.assume_role(model)
        job = TransformJob(name=name, request=request, announce=self._events.status_changed)
        self.jobs.add(job)
        self._events.status_changed(job)
        threading.Thread(target=self._run, args=(job, model, role), daemon=True).start()
        return job

    def stop(self, name: str) -> None:
        """Requests the stop of a job; does nothing if that was requested before.

        Raises:
            SageMakerError: The job does not exist, or it is Completed or Failed.
        """
        job = self.jobs.get(name)
        before = job.stop()
        if before in ("Completed", "Failed"):
            raise invalid(f"The request was rejected because the transform job is in status {before}.")
        threading.Thread(target=self._launcher.stop, args=(job,), daemon=True).start()

    def close(self) -> None:
        """Ends all serving processes, without waiting for invocations."""
        self._launcher.close()

    def _run(self, job: TransformJob, model: SageMakerResource, role: ExecutionRole) -> None:
        folder = self._folder / job.name
        failure = _INTERNAL
        try:
            failure = self._transform(job, model, role, folder)
        except _JOB_ERRORS as error:
            logger.error("Transform job %s failed: %s", job.name, error)  # noqa: TRY400 - no traceback
            kind = "AlgorithmError" if isinstance(error, ContainerError) else "ClientError"
            failure = f"{kind}: {error}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            job.settle(failure=failure)

    def _transform(
        self, job: TransformJob, model: SageMakerResource, role: ExecutionRole, folder: Path
    ) -> str:
        """Transforms the objects; returns the reason when one of them failed, or ""."""
        image = container_definition(model.request).get("Image", "")
        if reason := image_refusal(role, model.request["ExecutionRoleArn"], image):
            raise PermissionError(reason)
        source = job.request["TransformInput"]["DataSource"]["S3DataSource"]
        waiting: _Waiting = SimpleQueue()
        for item in (found := input_objects(source, role.client("s3"))):
            waiting.put(item)
        # More instances than objects would have nothing to do.
        count = min(job.request["TransformResources"]["InstanceCount"], len(found))
        logger.info("Transform job %s: its image is not built; serving/ runs from the source tree.", job.name)
        with ThreadPoolExecutor(max_workers=count) as threads:
            results = [
                threads.submit(self._run_instance, job, model, role, waiting, folder / str(number))
                for number in range(1, count + 1)
            ]
        # The algorithm's failures count before those of the input.
        return min((failure for result in results for failure in result.result()), default="")

    def _run_instance(
        self,
        job: TransformJob,
        model: SageMakerResource,
        role: ExecutionRole,
        waiting: _Waiting,
        folder: Path,
    ) -> set[str]:
        """Transforms waiting objects until there are none; returns the reasons of those that failed."""
        stream = f"{job.name}/i-{int(folder.name):017x}-{int(job.created.timestamp())}"
        definition = container_definition(model.request)
        with self._launcher.running(
            job, definition, role, folder=folder / "container", stream=stream
        ) as container:
            job.start()
            instance = TransformInstance(container, job.request, job.stopping)
            log = DataLog(role.client("logs"), stream=f"{stream}/data-log")
            log.write(str(instance.invocations))
            run = _InstanceRun(job, instance, role.client("s3"), log)
            return run.transform_all(waiting, folder)


class _InstanceRun:
    """Transforms one object after another on an instance.

    It goes on after an object that failed:
    https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-errors.html
    """

    def __init__(self, job: TransformJob, instance: TransformInstance, s3: Any, log: DataLog) -> None:
        self._job = job
        self._instance = instance
        self._s3 = s3
        self._log = log

    def transform_all(self, waiting: _Waiting, folder: Path) -> set[str]:
        """Returns the reasons of the objects that failed."""
        failures = set()
        while not self._job.stopping.is_set():
            try:
                item = waiting.get_nowait()
            except Empty:
                break
            try:
                self._transform(item, folder / "input", folder / "output")
            except JobStoppedError:
                break
            except _OBJECT_ERRORS as error:
                failures.add(self._failure(item, error))
        return failures

    def _transform(self, item: InputObject, source: Path, target: Path) -> None:
        request = self._job.request
        item.download(self._s3, source, compression=request["TransformInput"].get("CompressionType", "None"))
        self._instance.transform(source, target)
        if not self._job.stopping.is_set():
            item.upload_output(self._s3, target, request["TransformOutput"])

    def _failure(self, item: InputObject, error: Exception) -> str:
        lines = error.lines if isinstance(error, MiniBatchError) else (str(error),)
        self._log.write(*(f"{item.bucket}/{item.key}: {line}" for line in lines))
        is_algorithms = isinstance(error, MiniBatchError) and not error.is_clients
        return f"{'AlgorithmError' if is_algorithms else 'ClientError'}: {_SEE_LOGS}"
