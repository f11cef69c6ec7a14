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
from serving.request import check_content_type, check_size

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
        event: `body`, the request's body in base64; `content_type`; and `accept`, which is application/json.
        context: What Lambda tells of the invocation.

    Returns:
        `status`, that of HTTP; `content_type`; and `body`, in base64: predictions, or a problem document.
    """
    try:
        return _reply(200, "application/json", _predict(event))
    except Exception as error:
        problem = problem_of(error)
        return _reply(problem.status, MEDIA_TYPE.decode(), problem.encode())


def _predict(event: Event) -> bytes:
    headers = {b"content-type": event["content_type"].encode("latin-1", "replace")}
    check_content_type(headers)
    body = base64.b64decode(event["body"], validate=True)
    check_size(len(body), headers)
    return _PREDICTOR.answer(body)


def _reply(status: int, content_type: str, body: bytes) -> dict[str, Any]:
    return {"status": status, "content_type": content_type, "body": base64.b64encode(body).decode()}
