"""The operations of the SageMaker API on training jobs."""

from collections.abc import Callable, Mapping
from typing import Any

from local.sagemaker.errors import invalid
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.training import Training

Parameters = Mapping[str, Any]
Result = dict[str, Any]

_UNSHOWN = {"TrainingJobName", "Tags"}
_LISTED = {"MaxResults", "NameContains", "NextToken", "StatusEquals"}


def operations(training: Training) -> dict[str, Callable[[Parameters], Result]]:
    """What each operation does, by its name.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
    """
    return {
        "CreateTrainingJob": lambda parameters: _create(training, parameters),
        "DescribeTrainingJob": lambda parameters: _describe(training, parameters),
        "ListTrainingJobs": lambda parameters: _list(training, parameters),
        "StopTrainingJob": lambda parameters: _stop(training, parameters),
    }


def _create(training: Training, parameters: Parameters) -> Result:
    for channel in parameters.get("InputDataConfig", ()):
        if "S3DataSource" not in channel["DataSource"]:
            raise invalid(f"The channel {channel['ChannelName']} is not in S3, where all channels here are.")
        if channel.get("InputMode", "File") == "Pipe":
            raise invalid(f"The channel {channel['ChannelName']} is in mode Pipe, which there is not here.")
    job = TrainingJob(name=parameters["TrainingJobName"], request=dict(parameters))
    training.create(job)
    return {"TrainingJobArn": training.jobs.arn(job.name)}


def _describe(training: Training, parameters: Parameters) -> Result:
    job = training.jobs.get(parameters["TrainingJobName"])
    transitions = job.transitions[:]
    ends = [transition.since.timestamp() for transition in transitions[1:]]
    described = {
        **{name: value for name, value in job.request.items() if name not in _UNSHOWN},
        **_summary(training, job),
        "SecondaryStatus": job.secondary_status,
        "SecondaryStatusTransitions": [
            {"Status": transition.status, "StartTime": transition.since.timestamp()}
            | ({"EndTime": ends[position]} if position < len(ends) else {})
            for position, transition in enumerate(transitions)
        ],
        "ModelArtifacts": {"S3ModelArtifacts": job.artifacts},
        "FinalMetricDataList": [
            {"MetricName": name, "Value": value, "Timestamp": job.modified.timestamp()}
            for name, value in job.metrics.items()
        ],
    }
    return described | ({"FailureReason": job.failure} if job.failure else {})


def _list(training: Training, parameters: Parameters) -> Result:
    if unknown := sorted(parameters.keys() - _LISTED):
        raise invalid(f"Lists here know no {', '.join(unknown)}.")
    wanted = parameters.get("NameContains", ""), parameters.get("StatusEquals")
    found = [
        _summary(training, job)
        for job in reversed(training.jobs.all())
        if wanted[0] in job.name and wanted[1] in (None, job.status)
    ]
    start = int(parameters.get("NextToken", 0))
    end = start + parameters.get("MaxResults", 100)
    return {"TrainingJobSummaries": found[start:end]} | ({"NextToken": str(end)} if end < len(found) else {})


def _stop(training: Training, parameters: Parameters) -> Result:
    training.stop(parameters["TrainingJobName"])
    return {}


def _summary(training: Training, job: TrainingJob) -> Result:
    summary = {
        "TrainingJobName": job.name,
        "TrainingJobArn": training.jobs.arn(job.name),
        "TrainingJobStatus": job.status,
        "CreationTime": job.created.timestamp(),
        "LastModifiedTime": job.modified.timestamp(),
    }
    return summary | ({"TrainingEndTime": job.modified.timestamp()} if job.settled.is_set() else {})
