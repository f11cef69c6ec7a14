"""Lambda function of a model: `python -m awslambdaric serving.lambda_handler.handler`.

Environment, in addition to Lambda's own variables, and to those of `served_model.start` and
`CallCapture.start`:
    COUNT_REFUSALS: Set to write a metric of refused requests into the log.
"""

import base64
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeGuard

import msgspec

from serving.capture.call_capture import CallCapture
from serving.capture.record import CapturedRequest
from serving.lambda_function.refusal_metric import RefusalMetric
from serving.lambda_function.served_model import start
from serving.predict.predictor import Predictor, problem_of
from serving.predict.request import JSON_REQUEST, check_size
from serving.problem import MEDIA_TYPE, Problem

_JSON = "application/json"


class ModelFailedError(Exception):
    """The model failed on a request.

    Lambda counts it among the errors of the function, which alarms watch:
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """


# Loaded during import, so that Lambda starts no function without a model and logs the reason.
_CURRENT = start(os.environ)
_CAPTURE = CallCapture.start(os.environ)

_REFUSALS = (
    RefusalMetric(
        function=os.environ["AWS_LAMBDA_FUNCTION_NAME"], version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
    )
    if "COUNT_REFUSALS" in os.environ
    else None
)


def _is_of_invoker(event: object) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(event, dict)
        and all(isinstance(event.get(name), str) for name in ("body", "content_type"))
        and all(isinstance(event.get(name, ""), str) for name in ("accept", "query", "id"))
    )


def handler(event: object, context: Any) -> Any:
    """Answers one request as POST /invocations does.

    Args:
        event: From the API's invoker the request: `body`, in base64; `content_type`; `accept`; the URL's
            `query`; and the request's `id`. From any other caller the JSON of a request body.
        context: Lambda's context of the invocation.

    Returns:
        For the invoker the HTTP `status`; `content_type`; `body`, in base64: predictions, or a problem
        document; and `model_version`. For other callers the JSON of predictions, or of a problem document.

    Raises:
        ModelFailedError: The request failed, and not because of the client.
    """
    if not _CAPTURE:
        return _respond(event, context)
    try:
        return _respond(event, context)
    finally:
        _CAPTURE.end_call(context.aws_request_id)


def _respond(event: object, context: Any) -> Any:
    # Read once, so that one version gives the whole answer.
    predictor = _CURRENT()
    if not _is_of_invoker(event):
        status, _, answer = _answer(lambda: _predict_json(predictor, event))
        if _CAPTURE and status == HTTPStatus.OK and _CAPTURE.is_sampled():
            types = (_JSON, JSON_REQUEST.response_type.decode())
            _capture(_CAPTURE, (msgspec.json.encode(event), answer), types, request_id=context.aws_request_id)
        return msgspec.json.decode(answer)
    status, content_type, answer = _answer(lambda: _predict(predictor, event))
    if _CAPTURE and status == HTTPStatus.OK and _CAPTURE.is_sampled():
        types = (event["content_type"], content_type.decode())
        _capture(_CAPTURE, (_decoded(event["body"]), answer), types, request_id=event.get("id", ""))
    return {
        "status": status,
        "content_type": content_type.decode(),
        "body": base64.b64encode(answer).decode(),
        "model_version": predictor.version,
    }


def _capture(
    capture: CallCapture, bodies: tuple[bytes, bytes], types: tuple[str, str], *, request_id: str
) -> None:
    capture.add(
        CapturedRequest(
            request=bodies[0],
            request_type=types[0],
            response=bodies[1],
            response_type=types[1],
            id=request_id,
            time=datetime.now(UTC),
        )
    )


def _answer(predict: Callable[[], tuple[bytes, bytes]]) -> tuple[int, bytes, bytes]:
    refused = False
    try:
        return 200, *predict()
    except Exception as error:
        problem = problem_of(error)
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ModelFailedError(problem.detail) from None
        refused = True
        return problem.status, MEDIA_TYPE, problem.encode()
    finally:
        if _REFUSALS:
            _REFUSALS.record(refused=refused)


def _predict(predictor: Predictor, event: Mapping[str, Any]) -> tuple[bytes, bytes]:
    names = {b"content-type": "content_type", b"accept": "accept"}
    headers = {header: _bytes(event.get(name)) for header, name in names.items()}
    parameters = predictor.parameters.read(headers, _bytes(event.get("query")))
    body = _decoded(event["body"])
    check_size(len(body))
    return parameters.response_type, predictor.answer(body, parameters)


def _predict_json(predictor: Predictor, event: object) -> tuple[bytes, bytes]:
    body = msgspec.json.encode(event)
    check_size(len(body))
    return JSON_REQUEST.response_type, predictor.answer(body)


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        raise Problem(
            400, "The event's body is not base64: encode the bytes of the request's body, or send its JSON."
        ) from None


def _bytes(text: str | None) -> bytes:
    return (text or "").encode("latin-1", "replace")
