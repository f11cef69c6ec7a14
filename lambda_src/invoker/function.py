"""A model's Lambda function as the invoker sees it: an answer, or a problem."""

import base64
import json
from typing import Any

from botocore.session import Session

from .call import CallError, Calls
from .deadline import Deadline
from .patience import PATIENT
from .prediction import Prediction, read_prediction
from .problem import ProblemError, refused_by_model
from .question import Question

_UPDATES = {"InProgress": "Updating", "Failed": "UpdateFailed"}


class Function:
    """One model's function, by its name."""

    def __init__(self, name: str, *, session: Session) -> None:
        self._name = name
        self._client = session.create_client("lambda", config=PATIENT)
        self._calls = Calls()

    def invoke(self, question: Question, deadline: Deadline) -> Prediction:
        """Sends one request to the model: Invoke.

        https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

        Raises:
            ProblemError: When there is no prediction to pass on.
        """
        request = json.dumps(
            {
                "body": base64.b64encode(question.body).decode(),
                "content_type": question.content_type,
                "accept": question.accept,
                "query": question.query,
            }
        ).encode()
        try:
            payload, has_crashed = self._calls.ask(lambda: self._ask(request), deadline)
        except CallError as error:
            raise ProblemError(error.cause, evidence=error.evidence) from error
        said = _said(payload)
        if has_crashed:
            raise _crash(said)
        return _prediction(said)

    def _ask(self, request: bytes) -> tuple[bytes, bool]:
        reply = self._client.invoke(FunctionName=self._name, Payload=request)
        return reply["Payload"].read(), "FunctionError" in reply

    def state(self, deadline: Deadline) -> str:
        """The function's state in Lambda's words, as Active; Updating or UpdateFailed where that is newer.

        https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html

        Raises:
            CallError: Lambda does not tell.
            KeyError: What it tells is nothing that it should.
        """
        configuration = self._calls.ask(
            lambda: self._client.get_function_configuration(FunctionName=self._name), deadline
        )
        state = str(configuration["State"])
        return _UPDATES.get(configuration.get("LastUpdateStatus"), state) if state == "Active" else state


def _said(payload: bytes) -> dict[str, Any]:
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _crash(failure: dict[str, Any]) -> ProblemError:
    # Of the function's own words only the error's name is logged: its message may quote what was sent.
    evidence = {"code": "FunctionError", "error_type": str(failure.get("errorType", ""))}
    is_late = "Task timed out" in str(failure.get("errorMessage", ""))
    return ProblemError("out_of_time" if is_late else "model_failed", evidence=evidence)


def _prediction(said: dict[str, Any]) -> Prediction:
    status, content_type = said.get("status"), said.get("content_type")
    try:
        body = base64.b64decode(said["body"], validate=True)
    except (KeyError, TypeError, ValueError):
        status = None
    if not isinstance(status, int) or not isinstance(content_type, str):
        raise ProblemError("model_garbled", evidence={"members": sorted(said)})
    if status != 200:
        evidence = {"code": "ModelError", "original_status": status}
        raise refused_by_model(status, body.decode(errors="replace"), evidence)
    return read_prediction(body, content_type, str(said.get("model_version") or ""))
