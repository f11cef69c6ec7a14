"""Operations on batch transform jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

from local.sagemaker.api.lists import list_page
from local.sagemaker.api.operation import Operation, OperationParameters, OperationResult
from local.sagemaker.transform.job import TransformJob
from local.sagemaker.transform.transform import SageMakerTransform


def transform_operations(transform: SageMakerTransform) -> dict[str, Operation]:
    """Returns the operations by name.

    Args:
        transform: The jobs that they read and change.
    """
    return {
        "CreateTransformJob": lambda parameters: _create(transform, parameters),
        "DescribeTransformJob": lambda parameters: _describe(transform, parameters),
        "ListTransformJobs": lambda parameters: _list(transform, parameters),
        "StopTransformJob": lambda parameters: _stop(transform, parameters),
    }


def _create(transform: SageMakerTransform, parameters: OperationParameters) -> OperationResult:
    job = transform.create(parameters["TransformJobName"], dict(parameters))
    return {"TransformJobArn": transform.jobs.arn(job.name)}


def _describe(transform: SageMakerTransform, parameters: OperationParameters) -> OperationResult:
    job = transform.jobs.get(parameters["TransformJobName"])
    request = {name: value for name, value in job.request.items() if name != "Tags"}
    started = {"TransformStartTime": job.started.timestamp()} if job.started else {}
    return request | started | _status(transform, job)


def _list(transform: SageMakerTransform, parameters: OperationParameters) -> OperationResult:
    return list_page(
        "TransformJobSummaries",
        transform.jobs,
        parameters,
        summary=lambda job: (
            {"TransformJobName": job.name, "LastModifiedTime": job.modified.timestamp()}
            | _status(transform, job)
        ),
        status=lambda job: job.status,
    )


def _stop(transform: SageMakerTransform, parameters: OperationParameters) -> OperationResult:
    transform.stop(parameters["TransformJobName"])
    return {}


def _status(transform: SageMakerTransform, job: TransformJob) -> OperationResult:
    return {
        "TransformJobArn": transform.jobs.arn(job.name),
        "TransformJobStatus": job.status,
        "CreationTime": job.created.timestamp(),
        **({"TransformEndTime": job.ended.timestamp()} if job.ended else {}),
        **({"FailureReason": job.failure} if job.failure else {}),
    }
