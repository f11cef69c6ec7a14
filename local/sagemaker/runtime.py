"""InvokeEndpoint: the way of a request into the serving process and back.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from local.aws import ACCOUNT, REGION
from local.sagemaker import wire
from local.sagemaker.container import INVOCATION_SECONDS
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.errors import (
    ContainerDownError,
    ContainerLateError,
    ContainerLostError,
    LoadError,
    ModelDataError,
    SageMakerError,
)
from local.sagemaker.hosting import Hosting, Lease
from local.sagemaker.model_cache import ModelCache
from local.sagemaker.reply import Reply, ask

# The longest body the API model of InvokeEndpoint allows.
MAX_BODY_BYTES = 6_291_456

# Which of several models is meant.
_TARGET = "x-amzn-sagemaker-target-model"
# What SageMaker hands on, each way; everything else stays with it.
_FORWARDED = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes", _TARGET)
_RETURNED = ("content-type", "x-amzn-sagemaker-custom-attributes")

_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


class Runtime:
    """Hands invocations to the serving processes."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting
        # Of its own: an invocation by a Lambda function must not wait for the thread that function holds.
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="invoke")

    async def answer(self, name: str, headers: Mapping[str, str], body: bytes) -> wire.Response:
        """Answer one invocation.

        Args:
            name: The endpoint's name.
            headers: The request's headers, their names in lower case.
            body: The request's body.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._answer, name, headers, body)

    def _answer(self, name: str, headers: Mapping[str, str], body: bytes) -> wire.Response:
        try:
            return self._invoke(name, headers, body)
        except SageMakerError as error:
            return wire.of_error(error)

    def _invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> wire.Response:
        if len(body) > MAX_BODY_BYTES:
            raise SageMakerError("413", f"HTTP content length exceeded {MAX_BODY_BYTES} bytes.", status=413)
        try:
            with self._hosting.lease(name) as lease:
                return _answered(lease, headers, body)
        except LookupError:
            raise SageMakerError(
                "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found."
            ) from None
        except ContainerDownError:
            message = (
                "A transient exception occurred while retrieving variant instances. Please try again later."
            )
            raise SageMakerError("ServiceUnavailable", message, status=503) from None


def _answered(lease: Lease, headers: Mapping[str, str], body: bytes) -> wire.Response:
    try:
        reply = _asked(lease, headers, body)
    except ContainerLateError:
        raise _model_error(lease.endpoint, 0, _TIMED_OUT) from None
    except ContainerLostError as error:
        raise _model_error(lease.endpoint, 0, str(error)) from None
    if not reply.is_success:
        raise _model_error(lease.endpoint, reply.status, reply.text)
    variant = {"x-amzn-invoked-production-variant": lease.endpoint.variant["VariantName"]}
    return wire.Response(headers=_picked(reply.headers, _RETURNED) | variant, body=reply.body)


def _asked(lease: Lease, headers: Mapping[str, str], body: bytes) -> Reply:
    forwarded = _picked(headers, _FORWARDED)
    if lease.models is None:
        if _TARGET in headers:
            raise _target_not_supported(lease.endpoint)
        return _ask(lease.port, "/invocations", forwarded, body)
    if _TARGET not in headers:
        raise SageMakerError("ValidationError", f"Request {uuid.uuid4()} is missing a target model header.")
    target = headers[_TARGET]
    reply = _ask(lease.port, _loaded(lease, lease.models, target), forwarded, body)
    if reply.status == HTTPStatus.NOT_FOUND:
        lease.models.forget(target)
        reply = _ask(lease.port, _loaded(lease, lease.models, target), forwarded, body)
    return reply


def _loaded(lease: Lease, models: ModelCache, target: str) -> str:
    """The path to invoke a model with, once it is loaded."""
    try:
        return models.require(lease.port, target)
    except ModelDataError as error:
        raise SageMakerError("ValidationError", str(error)) from None
    except LoadError as error:
        raise _model_error(lease.endpoint, error.status, str(error)) from None
    except ContainerLateError:
        message = f"Model {target} is still being loaded. Please wait and try your request again."
        raise SageMakerError("ModelNotReadyException", message, status=429) from None


def _ask(port: int, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
    return ask(port, "POST", path, timeout=INVOCATION_SECONDS, body=body, headers=headers)


def _picked(headers: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}


def _target_not_supported(endpoint: Endpoint) -> SageMakerError:
    return SageMakerError(
        "ValidationError",
        f"Endpoint {endpoint.name} is not a multi-model endpoint and does not support target model header.",
        details={"ErrorCode": "TARGET_MODEL_HEADER_NOT_SUPPORTED"},
    )


def _model_error(endpoint: Endpoint, status: int, message: str) -> SageMakerError:
    """A ModelError: the container answered, and not with success; or it did not answer."""
    group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return SageMakerError(
        "ModelError",
        f"Received {'client' if is_client_error else 'server'} error ({status}) from primary with message "
        f'"{message}". See https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}'
        f"#logEventViewer:group={group} in account {ACCOUNT} for more information.",
        status=424,
        details={
            "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if is_client_error else "INTERNAL_FAILURE_FROM_MODEL",
            "OriginalStatusCode": status,
            "OriginalMessage": message,
            "LogStreamArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}",
        },
    )
