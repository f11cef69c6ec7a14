"""Log and status of a training job, followed until the job has ended."""

import time
from collections.abc import Callable
from typing import Any

from training.progress import Progress
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.aws_client import aws_client, aws_errors

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
LOG_POLL_SECONDS = 2.0
_END_STATUSES = ("Completed", "Failed", "Stopped")

PrintLine = Callable[[str], None]


class JobLog:
    """Reader of the log streams of a job, one for each instance."""

    def __init__(self, job: str) -> None:
        self._logs = aws_client("logs")
        self._job = job
        self._tokens: dict[str, str] = {}

    def print_new(self, print_line: PrintLine) -> None:
        """Prints the events since the last call, each after the name of its instance."""
        try:
            streams = self._logs.describe_log_streams(
                logGroupName=LOG_GROUP, logStreamNamePrefix=f"{self._job}/"
            )["logStreams"]
        except self._logs.exceptions.ResourceNotFoundException:
            # The log group is created with the account's first training job.
            return
        for stream in streams:
            self._print_stream(stream["logStreamName"], print_line)

    def _print_stream(self, stream: str, print_line: PrintLine) -> None:
        host = stream.removeprefix(f"{self._job}/").rpartition("-")[0]
        while True:
            token = self._tokens.get(stream)
            position: dict[str, Any] = {"nextToken": token} if token else {"startFromHead": True}
            page = self._logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, **position)
            for event in page["events"]:
                print_line(f"{host}: {event['message']}")
            self._tokens[stream] = page["nextForwardToken"]
            if not page["events"] or token == page["nextForwardToken"]:
                return


def follow_job(job: str, progress: Progress, print_line: PrintLine) -> dict[str, Any]:
    """Prints the status and the log of a job until it has ended.

    Args:
        job: Name of the job.
        progress: Receives each new status.
        print_line: Receives each line of the log.

    Returns:
        The response of DescribeTrainingJob.

    Raises:
        JobError: When the job failed, was stopped without a model, or cannot be described.
    """
    sagemaker, log, status = aws_client("sagemaker"), JobLog(job), ""
    while True:
        with aws_errors(f"The training job {job} cannot be followed"):
            description: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
            # After the status, so that all events before the end of the job are read.
            log.print_new(print_line)
        if description["SecondaryStatus"] != status:
            status = description["SecondaryStatus"]
            progress.step(f"{job}: {status}")
        if description["TrainingJobStatus"] in _END_STATUSES:
            return _checked(job, description)
        time.sleep(LOG_POLL_SECONDS)


def _checked(job: str, description: dict[str, Any]) -> dict[str, Any]:
    status = description["TrainingJobStatus"]
    if status == "Failed":
        reason = description.get("FailureReason", "SageMaker gives no FailureReason")
        raise JobError(f"The training job {job} failed: {reason}")
    if not description.get("ModelArtifacts", {}).get("S3ModelArtifacts"):
        raise JobError(f"The training job {job} has the status {status} and no model artifacts.")
    return description
