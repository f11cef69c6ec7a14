"""SageMaker Runtime: InvokeEndpoint forwards a request to the serving process.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from local.local_aws import ACCOUNT, REGION
from local.sagemaker.errors import SageMakerError
from local.sagemaker.hosting.container import INVOCATION_SECONDS
from local.sagemaker.hosting.container_client import ContainerResponse, send_request
from local.sagemaker.hosting.endpoint import EndpointLease, HostedEndpoint
from local.sagemaker.hosting.errors import (
    ContainerConnectionError,
    ContainerDownError,
    ContainerTimeoutError,
    ModelArchiveError,
    ModelLoadError,
)
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.hosting.model_cache import TARGET_MODEL_HEADER, ModelCache
from local.sagemaker.invocation_metrics import ContainerRequest, InvocationMetrics
from local.sagemaker.sagemaker_response import SageMakerResponse, error_response

# SageMaker's own limit: the maximum length of Body in the API model of InvokeEndpoint.
INVOKE_ENDPOINT_MAX_BODY_BYTES = 6_291_456

# The headers that SageMaker forwards to the container, and those that it returns to the client.
_FORWARDED = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes", TARGET_MODEL_HEADER)
_RETURNED = ("content-type", "x-amzn-sagemaker-custom-attributes")

_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


class SageMakerRuntime:
    """The SageMaker Runtime API.

    Args:
        hosting: The endpoints.
        metrics: Records the metrics of each invocation.
    """

    def __init__(self, hosting: SageMakerHosting, *, metrics: InvocationMetrics) -> None:
        self._hosting = hosting
        self._metrics = metrics
        # Not MiniStack's pool: its threads wait for Lambda functions, which may call InvokeEndpoint.
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="invoke")

    async def invoke_endpoint(self, name: str, headers: Mapping[str, str], body: bytes) -> SageMakerResponse:
        """Responds to one InvokeEndpoint request.

        Args:
            name: The endpoint's name.
            headers: The request's headers; their names are in lower case.
            body: The request's body.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._respond, name, headers, body)

    def _respond(self, name: str, headers: Mapping[str, str], body: bytes) -> SageMakerResponse:
        try:
            return self._invoke(name, headers, body)
        except SageMakerError as error:
            return error_response(error)

    def _invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> SageMakerResponse:
        if len(body) > INVOKE_ENDPOINT_MAX_BODY_BYTES:
            message = f"HTTP content length exceeded {INVOKE_ENDPOINT_MAX_BODY_BYTES} bytes."
            raise SageMakerError("413", message, status=413)
        try:
            with (
                self._hosting.lease(name) as lease,
                self._metrics.measure(
                    name, lease.config.name, lease.variant, instances=lease.instances
                ) as request,
            ):
                return _forward(lease, headers, body, request)
        except LookupError:
            raise SageMakerError(
                "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found."
            ) from None
        except ContainerDownError:
            endpoint = self._hosting.endpoints.get(name)
            self._metrics.record_unavailable(name, endpoint.config.name, endpoint.variant)
            message = (
                "A transient exception occurred while retrieving variant instances. Please try again later."
            )
            raise SageMakerError("ServiceUnavailable", message, status=503) from None


def _forward(
    lease: EndpointLease, headers: Mapping[str, str], body: bytes, request: ContainerRequest
) -> SageMakerResponse:
    try:
        response = _container_response(lease, headers, body, request)
    except ContainerTimeoutError:
        raise _model_error(lease.endpoint, 0, _TIMED_OUT) from None
    except ContainerConnectionError as error:
        raise _model_error(lease.endpoint, 0, str(error)) from None
    if not response.is_success:
        raise _model_error(lease.endpoint, response.status, response.text)
    if lease.capture:
        lease.capture.capture(
            request=body,
            request_type=headers.get("content-type", ""),
            response=response.body,
            response_type=response.headers.get("content-type", ""),
            inference_id=headers.get("x-amzn-sagemaker-inference-id", ""),
        )
    variant = {"x-amzn-invoked-production-variant": lease.variant["VariantName"]}
    return SageMakerResponse(headers=_select(response.headers, _RETURNED) | variant, body=response.body)


def _container_response(
    lease: EndpointLease, headers: Mapping[str, str], body: bytes, request: ContainerRequest
) -> ContainerResponse:
    forwarded = _select(headers, _FORWARDED)
    if lease.models is None:
        if TARGET_MODEL_HEADER in headers:
            raise _target_not_supported(lease.endpoint)
        return _post(lease.port, "/invocations", forwarded, body, request)
    if TARGET_MODEL_HEADER not in headers:
        raise SageMakerError("ValidationError", f"Request {uuid.uuid4()} is missing a target model header.")
    target = headers[TARGET_MODEL_HEADER]
    response = _post(lease.port, _load(lease, lease.models, target), forwarded, body, request)
    if response.status == HTTPStatus.NOT_FOUND:
        lease.models.forget(target)
        response = _post(lease.port, _load(lease, lease.models, target), forwarded, body, request)
    return response


def _load(lease: EndpointLease, models: ModelCache, target: str) -> str:
    """Loads a model and returns the path of its invocations."""
    try:
        return models.load(lease.port, target)
    except ModelArchiveError as error:
        raise SageMakerError("ValidationError", str(error)) from None
    except ModelLoadError as error:
        raise _model_error(lease.endpoint, error.status, str(error)) from None
    except ContainerTimeoutError:
        message = f"Model {target} is still being loaded. Please wait and try your request again."
        raise SageMakerError("ModelNotReadyException", message, status=429) from None


def _post(
    port: int, path: str, headers: Mapping[str, str], body: bytes, request: ContainerRequest
) -> ContainerResponse:
    response: ContainerResponse = request.send(
        lambda: send_request(port, "POST", path, timeout=INVOCATION_SECONDS, body=body, headers=headers)
    )
    return response


def _select(headers: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}


def _target_not_supported(endpoint: HostedEndpoint) -> SageMakerError:
    return SageMakerError(
        "ValidationError",
        f"Endpoint {endpoint.name} is not a multi-model endpoint and does not support target model header.",
        details={"ErrorCode": "TARGET_MODEL_HEADER_NOT_SUPPORTED"},
    )


def _model_error(endpoint: HostedEndpoint, status: int, message: str) -> SageMakerError:
    """Creates a ModelError: the container's status is not 2xx, or 0 when it did not respond."""
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
