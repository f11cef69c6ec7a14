"""The SageMaker endpoint as the invoker sees it: an answer, or a problem."""

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from .problem import ProblemError

# Two attempts take 9 seconds at worst, which the function's own timeout of 12 leaves room for.
CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 2},
)

_NOT_READY = "The model is being started or updated."
_THROTTLED = "Too many requests at once."
_HOST_FAILED = "The service that hosts the model failed."
_LATE = "The model did not answer in time."
_OURS = "The request failed for a reason of ours."

# Error code of InvokeEndpoint -> cause and sentence.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
_CODES = {
    "ModelNotReadyException": ("not_ready", _NOT_READY),
    "ServiceUnavailable": ("not_ready", _NOT_READY),
    "ServiceUnavailableException": ("not_ready", _NOT_READY),
    "Throttling": ("throttled", _THROTTLED),
    "ThrottlingException": ("throttled", _THROTTLED),
    "TooManyRequestsException": ("throttled", _THROTTLED),
    "InternalFailure": ("unreachable", _HOST_FAILED),
    "InternalDependencyException": ("unreachable", _HOST_FAILED),
    "InternalServerException": ("unreachable", _HOST_FAILED),
}

# The same for what goes wrong before there is an answer.
_TRANSPORT = {
    (ConnectTimeoutError, ReadTimeoutError): ("out_of_time", _LATE),
    (HTTPClientError, EndpointConnectionError): ("unreachable", "The model could not be reached."),
    (BotoCoreError,): ("unexpected", _OURS),
}


class Endpoint:
    """One SageMaker endpoint, by its name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client = boto3.client("sagemaker-runtime", config=CONFIG)

    def invoke(self, body: bytes, content_type: str) -> tuple[bytes, str]:
        """Sends one request to the model.

        Returns:
            The container's answer and its content type.

        Raises:
            ProblemError: When there is no answer to pass on.
        """
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self._name, Body=body, ContentType=content_type
            )
            return answer["Body"].read(), answer["ContentType"]
        except ClientError as error:
            raise _refusal(error) from error
        except BotoCoreError as error:
            cause, sentence = next(told for kinds, told in _TRANSPORT.items() if isinstance(error, kinds))
            raise ProblemError(cause, sentence, evidence={"error": str(error)}) from error


def _refusal(error: ClientError) -> ProblemError:
    code = error.response["Error"]["Code"]
    if code == "ModelError":
        return _model_problem(error.response)
    # Messages of SageMaker itself, unlike those of the model, never quote a body.
    evidence = {"code": code, "error": str(error)}
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == 413:
        return ProblemError("too_large", "The request is larger than an endpoint accepts.", evidence=evidence)
    if code in ("ValidationError", "ValidationException"):
        return _validation_problem(str(error), evidence)
    cause, sentence = _CODES.get(code, ("unexpected", _OURS))
    return ProblemError(cause, sentence, evidence=evidence)


def _validation_problem(message: str, evidence: dict[str, str]) -> ProblemError:
    # The same code stands for an endpoint that is missing or in no state to answer, and for a bad argument.
    if "validation error detected" in message:
        return ProblemError(
            "refused", "The request's headers are not what an endpoint accepts.", evidence=evidence
        )
    return ProblemError("not_ready", _NOT_READY, evidence=evidence)


def _model_problem(response: dict[str, Any]) -> ProblemError:
    status = int(response.get("OriginalStatusCode") or 0)
    message = response.get("OriginalMessage") or ""
    evidence = {"code": "ModelError", "original_status": status, "log": response.get("LogStreamArn", "")}
    # Status 0 says that the words are SageMaker's own: the container gave no answer.
    if status == 0 and "timed out" in message:
        return ProblemError("out_of_time", _LATE, evidence=evidence)
    if not 400 <= status < 500:
        return ProblemError("model_failed", "The model failed on this request.", evidence=evidence)
    document = _document(message, status)
    return ProblemError("refused", "The model refused this request.", document=document, evidence=evidence)


def _document(body: str, status: int) -> dict[str, Any]:
    plain = {"type": "about:blank", "status": status, "detail": "The model refused this request."}
    try:
        document = json.loads(body)
    except ValueError:
        return plain
    return {**document, "status": status} if isinstance(document, dict) else plain
