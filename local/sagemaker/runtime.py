"""InvokeEndpoint: the way of a request into the serving process and back.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import asyncio
import http.client
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from local.aws import ACCOUNT, REGION
from local.listener import HOST
from local.sagemaker import wire
from local.sagemaker.container import INVOCATION_SECONDS
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.errors import ContainerDownError, SageMakerError
from local.sagemaker.hosting import Hosting

# The longest body the API model of InvokeEndpoint allows.
MAX_BODY_BYTES = 6_291_456

# What SageMaker hands on, each way; everything else stays with it.
_FORWARDED = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")
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
            with self._hosting.lease(name) as (endpoint, port):
                return _ask(endpoint, port, headers, body)
        except LookupError:
            raise SageMakerError(
                "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found."
            ) from None
        except (ContainerDownError, ConnectionRefusedError):
            message = (
                "A transient exception occurred while retrieving variant instances. Please try again later."
            )
            raise SageMakerError("ServiceUnavailable", message, status=503) from None


def _ask(endpoint: Endpoint, port: int, headers: Mapping[str, str], body: bytes) -> wire.Response:
    connection = http.client.HTTPConnection(HOST, port, timeout=INVOCATION_SECONDS)
    try:
        connection.request("POST", "/invocations", body, _picked(headers, _FORWARDED))
        answer = connection.getresponse()
        payload = answer.read()
    except ConnectionRefusedError:
        raise
    except TimeoutError:
        raise _model_error(endpoint, 0, _TIMED_OUT) from None
    except (OSError, http.client.HTTPException) as error:
        message = f"The container broke off before it had answered ({type(error).__name__})."
        raise _model_error(endpoint, 0, message) from None
    finally:
        connection.close()
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _model_error(endpoint, answer.status, payload.decode(errors="replace"))
    returned = _picked({key.lower(): value for key, value in answer.getheaders()}, _RETURNED)
    return wire.Response(
        headers={**returned, "x-amzn-invoked-production-variant": endpoint.variant["VariantName"]},
        body=payload,
    )


def _picked(headers: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}


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
