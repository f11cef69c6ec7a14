"""Operations on training jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from datetime import datetime

from local.sagemaker.api.lists import list_page
from local.sagemaker.api.operation import Operation, OperationParameters, OperationResult
from local.sagemaker.errors import invalid
from local.sagemaker.training.cluster import DEFAULT_MAX_RUNTIME_SECONDS
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.job_description import describe, summary
from local.sagemaker.training.training import SageMakerTraining


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
    _check_time_limits(parameters)
    job = TrainingJob(name=parameters["TrainingJobName"], request=dict(parameters))
    training.create(job)
    return {"TrainingJobArn": training.jobs.arn(job.name)}


def _check_time_limits(parameters: OperationParameters) -> None:
    """Checks MaxWaitTimeInSeconds, which belongs to spot instances.

    Raises:
        SageMakerError: It does not; in SageMaker's words, https://github.com/Kenza-AI/sagify/issues/111
    """
    condition = parameters["StoppingCondition"]
    longest = condition.get("MaxWaitTimeInSeconds")
    if not parameters.get("EnableManagedSpotTraining"):
        if longest is not None:
            raise invalid(
                "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to "
                "true"
            )
    elif longest is None or longest < condition.get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_SECONDS):
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )


def _describe(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    job = training.jobs.get(parameters["TrainingJobName"])
    return describe(job, arn=training.jobs.arn(job.name), time=datetime.timestamp)


def _list(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    return list_page(
        "TrainingJobSummaries",
        training.jobs,
        parameters,
        summary=lambda job: summary(job, arn=training.jobs.arn(job.name), time=datetime.timestamp),
        status=lambda job: job.status,
    )


def _stop(training: SageMakerTraining, parameters: OperationParameters) -> OperationResult:
    training.stop(parameters["TrainingJobName"])
    return {}
