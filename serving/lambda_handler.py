"""The model as a Lambda function: `python -m awslambdaric serving.lambda_handler.handler`.

Environment:
    MODEL_DATA_URL: S3 URI of the bundle, read once, when the function starts.
"""

import base64
import os
from typing import Any

from serving.failure import problem_of
from serving.model_data import fetch
from serving.predictor import Predictor
from serving.problem import MEDIA_TYPE
from serving.request import check_size

Event = dict[str, Any]


def _load(url: str) -> Predictor:
    predictor = Predictor(fetch(url))
    predictor.check()
    return predictor


# Here and not at the first request, so that Lambda starts no function without a model and its log says why.
_PREDICTOR = _load(os.environ.get("MODEL_DATA_URL", ""))


def handler(event: Event, context: object) -> dict[str, Any]:  # noqa: ARG001  # Lambda passes two arguments
    """Answers one request as POST /invocations does.

    Args:
        event: `body`, the request's body in base64; `content_type`; `accept`; and `query`, that of the URL.
        context: What Lambda tells of the invocation.

    Returns:
        `status`, that of HTTP; `content_type`; `body`, in base64: predictions, or a problem document; and
        `model_version`.
    """
    try:
        return _reply(200, *_predict(event))
    except Exception as error:
        problem = problem_of(error)
        return _reply(problem.status, MEDIA_TYPE, problem.encode())


def _predict(event: Event) -> tuple[bytes, bytes]:
    names = {b"content-type": "content_type", b"accept": "accept"}
    headers = {header: _bytes(event.get(name)) for header, name in names.items()}
    call = _PREDICTOR.calls.read(headers, _bytes(event.get("query")))
    body = base64.b64decode(event["body"], validate=True)
    check_size(len(body))
    return call.accept.content_type, _PREDICTOR.answer(body, call)


def _bytes(text: str | None) -> bytes:
    return (text or "").encode("latin-1", "replace")


def _reply(status: int, content_type: bytes, body: bytes) -> dict[str, Any]:
    return {
        "status": status,
        "content_type": content_type.decode(),
        "body": base64.b64encode(body).decode(),
        "model_version": _PREDICTOR.version,
    }
