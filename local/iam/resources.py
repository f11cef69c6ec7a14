"""Resources of API calls for which MiniStack decides about * or about another form of the ARN.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Mapping

from local.arns import alarm_arn, function_arn, log_stream_arn, parameter_arn
from local.iam.request import ApiRequest
from local.local_aws import ACCOUNT, REGION

# In place of an empty segment of a key: MiniStack leaves those out of the ARN of an object.
_EMPTY = "\0"


def with_marked_segments(path: str) -> str:
    """Returns the path of a request to S3 with a mark in each empty segment of its key.

    The ARN of an object has its key as it is: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
    """
    bucket, _, key = path.removeprefix("/").partition("/")
    return f"/{bucket}/{'/'.join(segment or _EMPTY for segment in key.split('/'))}" if key else path


def without_marks(arn: str) -> str:
    """Returns the ARN that MiniStack makes of a path with marks, without them."""
    return arn.replace(_EMPTY, "")


def resource_of(service: str, request: ApiRequest) -> str | None:
    """Returns the resource of a call, or None where MiniStack's own is right.

    Args:
        service: MiniStack's name of the service, such as ecr or monitoring.
        request: The call.
    """
    find = _RESOURCES.get(service)
    return find(request) if find else None


def _repository(request: ApiRequest) -> str | None:
    # DescribeRepositories names a list, every other action one repository.
    names = request.texts("repositoryNames")
    return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{names[0]}" if names else None


def _alarm(request: ApiRequest) -> str | None:
    names = request.texts("AlarmNames")
    return alarm_arn(names[0]) if names else None


def _log_stream(request: ApiRequest) -> str | None:
    # Operations on tags name the resource by its ARN.
    if request.text("resourceArn"):
        return None
    return log_stream_arn(request.text("logGroupName"), request.text("logStreamName"))


def _function(request: ApiRequest) -> str | None:
    # CreateFunction names the function in its body; every other action in the path.
    name = request.text("FunctionName") if request.path.rstrip("/").endswith("/functions") else ""
    return function_arn(name) if name else None


def _gateway_path(request: ApiRequest) -> str | None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-create-and-manage-api.html
    return f"arn:aws:apigateway:{REGION}::{request.path}"


def _parameter(request: ApiRequest) -> str | None:
    names = request.texts("Names")
    return parameter_arn(names[0]) if names else None


def _map_run(request: ApiRequest) -> str | None:
    # DescribeMapRun and UpdateMapRun, and ListExecutions of a Map Run.
    return request.text("mapRunArn") or None


_RESOURCES: Mapping[str, Callable[[ApiRequest], str | None]] = {
    "apigateway": _gateway_path,
    "ecr": _repository,
    "lambda": _function,
    "logs": _log_stream,
    "monitoring": _alarm,
    "ssm": _parameter,
    "states": _map_run,
}
