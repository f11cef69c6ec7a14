"""POST /predict, GET /health and GET /openapi.json, as API Gateway hands them over.

With several models there is a POST /<model>/predict for each.
"""

import functools
import gc
import json
import os
import traceback
from collections.abc import Callable
from typing import Any

from botocore.session import Session

from .answer import Answer
from .cors import Cors
from .deadline import Deadline
from .endpoint import Endpoint
from .function import Function
from .golden import Golden, Model
from .health import Health
from .openapi import read_openapi
from .problem import ProblemError
from .request import Request

# Every answer is there within 10 seconds, and before the function's own time is up.
_SECONDS = 9.5
_MARGIN_SECONDS = 0.5
_JSON = "application/json"


def _read_models() -> tuple[Callable[[Deadline], str], dict[str, Golden]]:
    """What tells the state of the models' host, and a row for each model by its name; "" for the only one."""
    # boto3 would add what it has beyond clients, none of which is needed, to every cold start.
    session = Session()
    if "MODELS" in os.environ:
        # Each of several models is loaded when it is first asked for.
        endpoint = Endpoint(os.environ["ENDPOINT_NAME"], session=session, has_cold_starts=True)
        return endpoint.state, {
            name: Golden(
                endpoint.targeting(name),
                instance=json.dumps(told["instance"]),
                expected_version=told["version"],
            )
            for name, told in json.loads(os.environ["MODELS"]).items()
        }
    host = (
        Function(os.environ["FUNCTION_NAME"], session=session)
        if "FUNCTION_NAME" in os.environ
        else Endpoint(
            os.environ["ENDPOINT_NAME"], session=session, has_cold_starts="COLD_STARTS" in os.environ
        )
    )
    row = Golden(host, instance=os.environ["HEALTH_INSTANCE"], expected_version=os.environ["MODEL_VERSION"])
    return host.state, {"": row}


# Looking for garbage among what a client is made of, all of which stays, is a twentieth of a cold start.
gc.disable()
_STATE, _ROWS = _read_models()
gc.enable()
_HEALTH = Health(_ROWS, state=_STATE)
_CORS = Cors(os.environ.get("ALLOWED_ORIGINS", ""))
_MAX_BODY_BYTES = int(os.environ["MAX_BODY_BYTES"])
_TOO_LARGE = (
    f"One request may have at most {int(os.environ['MAX_ROWS']):,} rows and {_MAX_BODY_BYTES:,} bytes: "
    "send the rows in several requests."
)


def handler(event: object, context: object) -> dict[str, Any]:
    """Answers one request of the REST API's proxy integration.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

    Args:
        event: The request.
        context: What Lambda tells of the call, the time that is left above all.
    """
    request = Request(event, context)
    try:
        answer = _answer(request, _deadline(context))
    except ProblemError as problem:
        answer = _report(problem, request)
    except Exception:
        answer = _report(ProblemError("unexpected", evidence={"error": traceback.format_exc()}), request)
    headers = {"x-request-id": request.id, **_CORS.headers(request.header("origin"))}
    return answer.to_proxy(headers, has_body=request.method != "HEAD")


def _answer(request: Request, deadline: Deadline) -> Answer:
    if request.resource not in _ROUTES:
        routes = [f"{methods[0]} {resource}" for resource, (methods, _) in _ROUTES.items()]
        raise ProblemError("no_route", f"There is {', '.join(routes[:-1])} and {routes[-1]}.")
    methods, respond = _ROUTES[request.resource]
    allowed = (*methods, "OPTIONS") if _CORS.is_on else methods
    if request.method not in allowed:
        names = ", ".join(allowed)
        raise ProblemError(
            "no_method", f"The methods of {request.resource} are {names}.", headers={"allow": names}
        )
    if request.method == "OPTIONS":
        return Answer(204, _CORS.preflight(methods))
    return respond(request, deadline)


def _predict(model: Model, request: Request, deadline: Deadline) -> Answer:
    question = request.question(max_bytes=_MAX_BODY_BYTES, too_large=_TOO_LARGE)
    prediction = model.invoke(question, deadline)
    version = {"x-model-version": prediction.version} if prediction.version else {}
    return Answer(200, {"content-type": prediction.content_type, **version}, prediction.body)


def _health(_request: Request, deadline: Deadline) -> Answer:
    return Answer(200, {"content-type": _JSON}, json.dumps(_HEALTH.check(deadline)))


def _openapi(_request: Request, _deadline: Deadline) -> Answer:
    return Answer(200, {"content-type": _JSON}, read_openapi())


def _deadline(context: object) -> Deadline:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    seconds = _SECONDS if remaining is None else remaining() / 1000 - _MARGIN_SECONDS
    return Deadline(min(_SECONDS, seconds))


def _report(problem: ProblemError, request: Request) -> Answer:
    print(problem.record(request.id))
    return problem.answer(request.id)


_ROUTES: dict[str, tuple[tuple[str, ...], Callable[[Request, Deadline], Answer]]] = {
    **{
        f"/{name}/predict" if name else "/predict": (("POST",), functools.partial(_predict, row.model))
        for name, row in _ROWS.items()
    },
    "/health": (("GET", "HEAD"), _health),
    "/openapi.json": (("GET", "HEAD"), _openapi),
}
