"""The model as a Lambda function: `python -m awslambdaric serving.lambda_handler.handler`.

Environment, beside what Lambda itself sets:
    MODEL_DATA_URL: S3 URI of the bundle that was deployed, read once, when the function starts.
    RELOAD_SECONDS: How often, at most, to look whether the bundle at RELOAD_URL changed; never unless set.
    RELOAD_URL: S3 URI of the bundle that is served in its place.
    MODEL_INTERFACE: What the deployed bundle's clients rely on, as `bundle.interface_of` has it.
    URL_SUFFIX: The end of AWS's host names; amazonaws.com unless set.
"""

import base64
import os
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from serving.function.model_data import ModelSource
from serving.function.reload import FreshModel, Served, load
from serving.function.s3 import S3
from serving.predict.call import JSON_CALL
from serving.predict.failure import problem_of
from serving.predict.predictor import Predictor
from serving.predict.request import check_size
from serving.problem import MEDIA_TYPE

# A function has ten seconds to start: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
_FETCH_SECONDS = 5.0


def _start(environ: Mapping[str, str]) -> Callable[[], Predictor]:
    """What says which predictor answers."""
    s3 = S3(environ)
    source = ModelSource(environ.get("MODEL_DATA_URL", ""), s3)

    def deployed() -> Served:
        return load(source.fetch(seconds=_FETCH_SECONDS))

    if "RELOAD_SECONDS" not in environ:
        predictor = deployed().predictor
        return lambda: predictor
    fresh = FreshModel(
        ModelSource(environ["RELOAD_URL"], s3),
        deployed=deployed,
        interface=environ["MODEL_INTERFACE"],
        every=float(environ["RELOAD_SECONDS"]),
        function=environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
    )
    return lambda: fresh.predictor


# Here and not at the first request, so that Lambda starts no function without a model and its log says why.
_CURRENT = _start(os.environ)


def handler(event: object, context: object) -> Any:  # noqa: ARG001  # Lambda passes two arguments
    """Answers one request as POST /invocations does.

    Args:
        event: From the API's invoker a request with its words: `body`, in base64; `content_type`; `accept`;
            and `query`, that of the URL. From whoever invokes the function directly a request's JSON alone.
        context: What Lambda tells of the invocation.

    Returns:
        For the invoker `status`, that of HTTP; `content_type`; `body`, in base64: predictions, or a problem
        document; and `model_version`. For others the JSON of predictions, or of a problem document.
    """
    # Once, so that one version gives the whole answer.
    predictor = _CURRENT()
    if not (isinstance(event, dict) and {"body", "content_type"} <= event.keys()):
        return msgspec.json.decode(_answer(lambda: _predict_alone(predictor, event))[2])
    status, content_type, body = _answer(lambda: _predict(predictor, event))
    return {
        "status": status,
        "content_type": content_type.decode(),
        "body": base64.b64encode(body).decode(),
        "model_version": predictor.version,
    }


def _answer(predict: Callable[[], tuple[bytes, bytes]]) -> tuple[int, bytes, bytes]:
    try:
        return 200, *predict()
    except Exception as error:
        problem = problem_of(error)
        return problem.status, MEDIA_TYPE, problem.encode()


def _predict(predictor: Predictor, event: Mapping[str, Any]) -> tuple[bytes, bytes]:
    names = {b"content-type": "content_type", b"accept": "accept"}
    headers = {header: _bytes(event.get(name)) for header, name in names.items()}
    call = predictor.calls.read(headers, _bytes(event.get("query")))
    body = base64.b64decode(event["body"], validate=True)
    check_size(len(body))
    return call.accept.content_type, predictor.answer(body, call)


def _predict_alone(predictor: Predictor, event: object) -> tuple[bytes, bytes]:
    body = msgspec.json.encode(event)
    check_size(len(body))
    return JSON_CALL.accept.content_type, predictor.answer(body)


def _bytes(text: str | None) -> bytes:
    return (text or "").encode("latin-1", "replace")
