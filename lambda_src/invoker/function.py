"""A model's Lambda function as the invoker sees it: an answer, or a problem."""

import base64
import json
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .problem import ProblemError
from .transport import (
    FAILED,
    HOST_FAILED,
    LATE,
    NOT_READY,
    OURS,
    PATIENT,
    THROTTLED,
    TOO_LARGE,
    model_problem,
    transport_problem,
)

# Error code of Invoke -> cause and sentence.
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
_CODES = {
    "TooManyRequestsException": ("throttled", THROTTLED),
    "ThrottlingException": ("throttled", THROTTLED),
    "ResourceNotFoundException": ("not_ready", NOT_READY),
    "ResourceConflictException": ("not_ready", NOT_READY),
    "ResourceNotReadyException": ("not_ready", NOT_READY),
    "RequestTooLargeException": ("too_large", TOO_LARGE),
    "ServiceException": ("unreachable", HOST_FAILED),
}


class Function:
    """One model's function, by its name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client = boto3.client("lambda", config=PATIENT)

    def invoke(self, body: bytes, content_type: str) -> tuple[bytes, str]:
        """Sends one request to the model.

        Returns:
            The model's answer and its content type.

        Raises:
            ProblemError: When there is no answer to pass on.
        """
        request = {
            "body": base64.b64encode(body).decode(),
            "content_type": content_type,
            "accept": "application/json",
        }
        try:
            reply = self._client.invoke(FunctionName=self._name, Payload=json.dumps(request).encode())
            payload = reply["Payload"].read()
        except ClientError as error:
            raise _refusal(error) from error
        except BotoCoreError as error:
            raise transport_problem(error) from error
        if "FunctionError" in reply:
            raise _crash(payload)
        return _answer(json.loads(payload))


def _refusal(error: ClientError) -> ProblemError:
    code = error.response["Error"]["Code"]
    cause, sentence = _CODES.get(code, ("unexpected", OURS))
    return ProblemError(cause, sentence, evidence={"code": code, "error": str(error)})


def _crash(payload: bytes) -> ProblemError:
    # Of the function's own words only the error's name is logged: its message may quote what was sent.
    failure = json.loads(payload)
    evidence = {"code": "FunctionError", "error_type": failure.get("errorType", "")}
    if "Task timed out" in failure.get("errorMessage", ""):
        return ProblemError("out_of_time", LATE, evidence=evidence)
    return ProblemError("model_failed", FAILED, evidence=evidence)


def _answer(reply: dict[str, Any]) -> tuple[bytes, str]:
    body = base64.b64decode(reply["body"])
    if (status := reply["status"]) != 200:
        evidence = {"code": "ModelError", "original_status": status}
        raise model_problem(status, body.decode(errors="replace"), evidence)
    return body, reply["content_type"]
