"""The SageMaker endpoint as the invoker sees it: an answer, or a problem."""

from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .problem import ProblemError
from .transport import (
    HOST_FAILED,
    LATE,
    NOT_READY,
    OURS,
    PATIENT,
    PROMPT,
    THROTTLED,
    TOO_LARGE,
    model_problem,
    transport_problem,
)

# Error code of InvokeEndpoint -> cause and sentence.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
_CODES = {
    "ModelNotReadyException": ("not_ready", NOT_READY),
    "ServiceUnavailable": ("not_ready", NOT_READY),
    "ServiceUnavailableException": ("not_ready", NOT_READY),
    "Throttling": ("throttled", THROTTLED),
    "ThrottlingException": ("throttled", THROTTLED),
    "TooManyRequestsException": ("throttled", THROTTLED),
    "InternalFailure": ("unreachable", HOST_FAILED),
    "InternalDependencyException": ("unreachable", HOST_FAILED),
    "InternalServerException": ("unreachable", HOST_FAILED),
}


class Endpoint:
    """One SageMaker endpoint, by its name; one that has cold starts is waited for longer."""

    def __init__(self, name: str, *, has_cold_starts: bool) -> None:
        self._name = name
        self._client = boto3.client("sagemaker-runtime", config=PATIENT if has_cold_starts else PROMPT)

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
            raise transport_problem(error) from error


def _refusal(error: ClientError) -> ProblemError:
    code = error.response["Error"]["Code"]
    if code == "ModelError":
        return _model_problem(error.response)
    # Messages of SageMaker itself, unlike those of the model, never quote a body.
    evidence = {"code": code, "error": str(error)}
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == 413:
        return ProblemError("too_large", TOO_LARGE, evidence=evidence)
    if code in ("ValidationError", "ValidationException"):
        return _validation_problem(str(error), evidence)
    cause, sentence = _CODES.get(code, ("unexpected", OURS))
    return ProblemError(cause, sentence, evidence=evidence)


def _validation_problem(message: str, evidence: dict[str, str]) -> ProblemError:
    # The same code stands for an endpoint that is missing or in no state to answer, and for a bad argument.
    if "validation error detected" in message:
        return ProblemError(
            "refused", "The request's headers are not what an endpoint accepts.", evidence=evidence
        )
    return ProblemError("not_ready", NOT_READY, evidence=evidence)


def _model_problem(response: dict[str, Any]) -> ProblemError:
    status = int(response.get("OriginalStatusCode") or 0)
    message = response.get("OriginalMessage") or ""
    evidence = {"code": "ModelError", "original_status": status, "log": response.get("LogStreamArn", "")}
    # Status 0 says that the words are SageMaker's own: the container gave no answer.
    if status == 0 and "timed out" in message:
        return ProblemError("out_of_time", LATE, evidence=evidence)
    return model_problem(status, message, evidence)
