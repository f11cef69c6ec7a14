"""A training job, followed to its end."""

import time
from collections.abc import Callable
from typing import Any

from training.progress import Progress
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.account import client, explained

GROUP = "/aws/sagemaker/TrainingJobs"
POLL_SECONDS = 2.0
_ENDED = ("Completed", "Failed", "Stopped")

Say = Callable[[str], None]


class Log:
    """The lines of a job's log that were not read yet, of all its instances."""

    def __init__(self, job: str) -> None:
        self._logs = client("logs")
        self._job = job
        self._tokens: dict[str, str] = {}

    def read(self, say: Say) -> None:
        """Says what is new."""
        try:
            streams = self._logs.describe_log_streams(
                logGroupName=GROUP, logStreamNamePrefix=f"{self._job}/"
            )["logStreams"]
        except self._logs.exceptions.ResourceNotFoundException:
            # There is no group before the account's first line.
            return
        for stream in streams:
            self._read(stream["logStreamName"], say)

    def _read(self, stream: str, say: Say) -> None:
        host = stream.removeprefix(f"{self._job}/").rpartition("-")[0]
        while True:
            token = self._tokens.get(stream)
            where: dict[str, Any] = {"nextToken": token} if token else {"startFromHead": True}
            page = self._logs.get_log_events(logGroupName=GROUP, logStreamName=stream, **where)
            for event in page["events"]:
                say(f"{host}: {event['message']}")
            self._tokens[stream] = page["nextForwardToken"]
            if not page["events"] or token == page["nextForwardToken"]:
                return


def follow(job: str, progress: Progress, say: Say, *, poll: float = POLL_SECONDS) -> dict[str, Any]:
    """Says what a job does until it has ended.

    Args:
        job: Its name.
        progress: Whom to tell of its status.
        say: Whom to tell of each line of its log.
        poll: Seconds between two looks.

    Returns:
        Its description.

    Raises:
        JobError: It failed, was stopped without a model, or cannot be looked at.
    """
    sagemaker, log, status = client("sagemaker"), Log(job), ""
    while True:
        with explained(f"The training job {job} cannot be followed"):
            described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
            # After the status, so that nothing written before the end is left unread.
            log.read(say)
        if described["SecondaryStatus"] != status:
            status = described["SecondaryStatus"]
            progress.step(f"{job}: {status}")
        if described["TrainingJobStatus"] in _ENDED:
            return _checked(job, described)
        time.sleep(poll)


def _checked(job: str, described: dict[str, Any]) -> dict[str, Any]:
    status = described["TrainingJobStatus"]
    if status == "Failed":
        raise JobError(f"The training job {job} failed: {described.get('FailureReason', 'no reason given')}")
    if not described.get("ModelArtifacts", {}).get("S3ModelArtifacts"):
        raise JobError(f"The training job {job} is {status} and left no model.")
    return described
