"""Operations on training jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from local.sagemaker.api.lists import list_page
from local.sagemaker.api.operation import Operation, OperationParameters, OperationResult
from local.sagemaker.errors import invalid
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.training import SageMakerTraining

_NOT_DESCRIBED = {"TrainingJobName", "Tags"}


def training_operations(training: SageMakerTraining) -> dict[str, Operation]:
    """Returns the operations by name.

    Args:
        training: The jobs that they read and change.
    """
    return {
        "CreateTrainingJob": lambda parameters: _create(training, parameters),
        "DescribeTrainingJob": lambda parameters: _describe(training, parameters),
        "ListTrainingJobs": lambda parameters: _list(training, parameters),
        "StopTrainingJob": lambda parameters: _stop(training, parameters),
    }


def _create(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    for channel in parameters.get("InputDataConfig", ()):
        if "S3DataSource" not in channel["DataSource"]:
            raise invalid(
                f"AWS on this machine reads channels only from S3, and {channel['ChannelName']} is not in S3."
            )
        if channel.get("InputMode", "File") == "Pipe":
            raise invalid(
                f"AWS on this machine does not support input mode Pipe of channel {channel['ChannelName']}."
            )
    job = TrainingJob(name=parameters["TrainingJobName"], request=dict(parameters))
    training.create(job)
    return {"TrainingJobArn": training.jobs.arn(job.name)}


def _describe(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    job = training.jobs.get(parameters["TrainingJobName"])
    transitions = job.transitions[:]
    ends = [transition.since.timestamp() for transition in transitions[1:]]
    described = {
        **{name: value for name, value in job.request.items() if name not in _NOT_DESCRIBED},
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


def _list(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    return list_page(
        "TrainingJobSummaries",
        training.jobs,
        parameters,
        summary=lambda job: _summary(training, job),
        status=lambda job: job.status,
    )


def _stop(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    training.stop(parameters["TrainingJobName"])
    return {}


def _summary(training: SageMakerTraining, job: TrainingJob) -> OperationResult:
    summary = {
        "TrainingJobName": job.name,
        "TrainingJobArn": training.jobs.arn(job.name),
        "TrainingJobStatus": job.status,
        "CreationTime": job.created.timestamp(),
        "LastModifiedTime": job.modified.timestamp(),
    }
    return summary | ({"TrainingEndTime": job.modified.timestamp()} if job.settled.is_set() else {})
