"""Lambda function as the model's host: Invoke for predictions, GetFunctionConfiguration for its state."""

import base64
import json
from typing import Any
from urllib.parse import quote

from .aws_service import PATIENT, service_url
from .call_errors import CallError
from .model_call import (
    Caller,
    Deadline,
    ModelRequest,
    ModelResponse,
    SignedRequests,
    read_inference_response,
)
from .problem import ProblemError, model_problem

# LastUpdateStatus of an active function -> the state that /health reports instead of Active.
_UPDATE_STATES = {"InProgress": "Updating", "Failed": "UpdateFailed"}


class FunctionClient:
    """Client of one model's function.

    Args:
        name: Name of the function, or ARN of its alias.
    """

    def __init__(self, name: str) -> None:
        self._path = f"/2015-03-31/functions/{quote(name, safe='')}"
        self._service = SignedRequests("lambda", service_url("lambda", "LAMBDA"), PATIENT)
        self._caller = Caller()

    def invoke(self, request: ModelRequest, deadline: Deadline) -> ModelResponse:
        """Calls Invoke, with the request's id, which joins captured data with the answer.

        https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

        Raises:
            ProblemError: There is no prediction.
        """
        event = json.dumps(
            {
                "body": base64.b64encode(request.body).decode(),
                "content_type": request.content_type,
                "accept": request.accept,
                "query": request.query,
                "id": request.id,
            }
        ).encode()
        try:
            payload, has_crashed = self._caller.call(lambda: self._invoke(event), deadline)
        except CallError as error:
            raise ProblemError(error.cause, evidence=error.evidence) from error
        result = _parse(payload)
        if has_crashed:
            raise _crash_problem(result)
        return _read_result(result)

    def _invoke(self, event: bytes) -> tuple[bytes, bool]:
        response = self._service.send("POST", f"{self._path}/invocations", headers={}, body=event)
        return response.body, "x-amz-function-error" in response.headers

    def state(self, deadline: Deadline) -> str:
        """Returns the function's State, such as Active; Updating or UpdateFailed if its last update is newer.

        https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html

        Raises:
            CallError: The call failed.
            KeyError: The response has no State.
        """
        configuration = self._caller.call(self._read_configuration, deadline)
        state = str(configuration["State"])
        return (
            _UPDATE_STATES.get(configuration.get("LastUpdateStatus"), state) if state == "Active" else state
        )

    def _read_configuration(self) -> Any:
        return json.loads(self._service.send("GET", f"{self._path}/configuration", headers={}).body)


def _parse(payload: bytes) -> dict[str, Any]:
    try:
        result = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return result if isinstance(result, dict) else {}


def _crash_problem(error: dict[str, Any]) -> ProblemError:
    # The error's message may quote the request's body, so the log gets its type only.
    evidence = {"code": "FunctionError", "error_type": str(error.get("errorType", ""))}
    is_late = "Task timed out" in str(error.get("errorMessage", ""))
    return ProblemError("out_of_time" if is_late else "model_failed", evidence=evidence)


def _read_result(result: dict[str, Any]) -> ModelResponse:
    status, content_type = result.get("status"), result.get("content_type")
    try:
        body = base64.b64decode(result["body"], validate=True)
    except (KeyError, TypeError, ValueError):
        status = None
    if not isinstance(status, int) or not isinstance(content_type, str):
        raise ProblemError("model_garbled", evidence={"members": sorted(result)})
    if status != 200:
        evidence = {"code": "ModelError", "original_status": status}
        raise model_problem(status, body.decode(errors="replace"), evidence)
    return read_inference_response(body, content_type, str(result.get("model_version") or ""))
