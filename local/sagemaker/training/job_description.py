"""Description of a training job: the response of DescribeTrainingJob, and the detail of its events.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from local.sagemaker.training.job import TrainingJob

# Writes a time: in seconds in responses, in milliseconds in events.
WriteTime = Callable[[datetime], float]


def describe(job: TrainingJob, *, arn: str, time: WriteTime) -> dict[str, Any]:
    """Returns the description, without the job's tags.

    Args:
        job: The job.
        arn: Its ARN.
        time: Writes a time.
    """
    transitions = job.transitions[:]
    ends = [time(transition.since) for transition in transitions[1:]]
    return {
        **{name: value for name, value in job.request.items() if name != "Tags"},
        **summary(job, arn=arn, time=time),
        "SecondaryStatus": job.secondary_status,
        "SecondaryStatusTransitions": [
            {"Status": transition.status, "StartTime": time(transition.since)}
            | ({"EndTime": ends[position]} if position < len(ends) else {})
            for position, transition in enumerate(transitions)
        ],
        "ModelArtifacts": {"S3ModelArtifacts": job.artifacts},
        "FinalMetricDataList": [
            {"MetricName": name, "Value": value, "Timestamp": time(job.modified)}
            for name, value in job.metrics.items()
        ],
        **_times(job, time),
        **({"FailureReason": job.failure} if job.failure else {}),
    }


def summary(job: TrainingJob, *, arn: str, time: WriteTime) -> dict[str, Any]:
    """Returns the job's entry in a list of jobs."""
    return {
        "TrainingJobName": job.name,
        "TrainingJobArn": arn,
        "TrainingJobStatus": job.status,
        "CreationTime": time(job.created),
        "LastModifiedTime": time(job.modified),
        **({"TrainingEndTime": time(job.ended)} if job.ended else {}),
    }


def _times(job: TrainingJob, time: WriteTime) -> dict[str, Any]:
    """Returns start and duration; spot instances cost the whole time too, because none is interrupted."""
    if not job.started:
        return {}
    if not job.ended:
        return {"TrainingStartTime": time(job.started)}
    seconds = round((job.ended - job.started).total_seconds())
    return {
        "TrainingStartTime": time(job.started),
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": seconds,
    }
