"""Handler of the REST API's proxy integration: POST /predict, GET of the pages, /health and /openapi.json.

With several models each has a route of its own: POST /<model>/predict.
"""

import functools
import gc
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .artifact_bucket import read_golden_row
from .endpoint_client import EndpointClient
from .function_client import FunctionClient
from .health import GoldenRow, HealthCheck, PredictionHost
from .model_call import Deadline
from .problem import ProblemError
from .proxy_event import Cors, ProxyRequest, ProxyResponse

# Every response is due within 10 seconds, and half a second before the function's own timeout.
_MAX_SECONDS = 9.5
_MARGIN_SECONDS = 0.5
_JSON = "application/json"
# Written beside the code by the deployment: the API's description, the version of each of several models with
# the row of its health check, and the pages for people. Only the second is read at the start.
_OPENAPI_FILE = Path(__file__).with_name("openapi.json")
_MODELS_FILE = Path(__file__).with_name("models.json")
_PAGE_FILE = Path(__file__).with_name("page.json")
_PAGES = ("/", "/docs", "/model")


def _read_models() -> tuple[Callable[[Deadline], str], dict[str, GoldenRow]]:
    """Returns the state of the models' host, and a golden row by the model's name ("" for an only model)."""
    if "MODEL_VERSION" not in os.environ:
        models = json.loads(_MODELS_FILE.read_text(encoding="utf-8"))
        # A multi-model endpoint loads a model at its first request.
        endpoint = EndpointClient(os.environ["ENDPOINT_NAME"], has_cold_starts=True)
        rows = {name: _row_of_file(endpoint.with_target(name), model) for name, model in models.items()}
        return endpoint.status, rows
    if "FUNCTION_NAME" in os.environ:
        function = FunctionClient(os.environ["FUNCTION_NAME"])
        return function.state, {"": _released_row(function)}
    endpoint = EndpointClient(os.environ["ENDPOINT_NAME"], has_cold_starts="COLD_STARTS" in os.environ)
    return endpoint.status, {"": _released_row(endpoint)}


def _row_of_file(host: PredictionHost, model: dict[str, Any]) -> GoldenRow:
    instance = json.dumps(model["instance"])
    return GoldenRow(host, read=lambda _: instance, expected_version=model["version"])


def _released_row(host: PredictionHost) -> GoldenRow:
    return GoldenRow(host, read=read_golden_row, expected_version=os.environ["MODEL_VERSION"])


# Garbage collection during this, where all objects stay in use, takes a twentieth of a cold start.
gc.disable()
try:
    _HOST_STATE, _ROWS = _read_models()
finally:
    gc.enable()
_HEALTH = HealthCheck(_ROWS, host_state=_HOST_STATE)
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
        context: Lambda's context object, for the remaining time.
    """
    request = ProxyRequest(event, context)
    try:
        response = _respond(request, _deadline(context))
    except ProblemError as problem:
        response = _problem_response(problem, request)
    except Exception:
        unexpected = ProblemError("unexpected", evidence={"error": traceback.format_exc()})
        response = _problem_response(unexpected, request)
    headers = {"x-request-id": request.id, **_CORS.headers(request.header("origin"))}
    return response.encode(headers, has_body=request.method != "HEAD")


def _respond(request: ProxyRequest, deadline: Deadline) -> ProxyResponse:
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
        return ProxyResponse(204, _CORS.preflight(methods))
    return respond(request, deadline)


def _predict(host: PredictionHost, request: ProxyRequest, deadline: Deadline) -> ProxyResponse:
    _check_running()
    inference = request.inference_request(max_bytes=_MAX_BODY_BYTES, too_large=_TOO_LARGE)
    prediction = host.invoke(inference, deadline)
    version = {"x-model-version": prediction.version} if prediction.version else {}
    return ProxyResponse(200, {"content-type": prediction.content_type, **version}, prediction.body)


def _health(_request: ProxyRequest, deadline: Deadline) -> ProxyResponse:
    _check_running()
    return ProxyResponse(200, {"content-type": _JSON}, json.dumps(_HEALTH.check(deadline)))


def _check_running() -> None:
    # The template sets the variable while the service has no endpoint.
    if "PAUSED" in os.environ:
        raise ProblemError("paused")


def _openapi(_request: ProxyRequest, _deadline: Deadline) -> ProxyResponse:
    return ProxyResponse(200, {"content-type": _JSON}, _read_openapi())


@functools.cache
def _read_openapi() -> str:
    try:
        return _OPENAPI_FILE.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProblemError("no_route", "This deployment has no openapi.json.") from None


def _page(request: ProxyRequest, deadline: Deadline) -> ProxyResponse:
    # Imported here, because a cold start for a prediction needs no page.
    from .pages import respond

    return respond(request, deadline)


def _deadline(context: object) -> Deadline:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    seconds = _MAX_SECONDS if remaining is None else remaining() / 1000 - _MARGIN_SECONDS
    return Deadline(min(_MAX_SECONDS, seconds))


def _problem_response(problem: ProblemError, request: ProxyRequest) -> ProxyResponse:
    print(problem.log_record(request.id))
    return ProxyResponse(problem.status, problem.headers, problem.encode(request.id))


_ROUTES: dict[str, tuple[tuple[str, ...], Callable[[ProxyRequest, Deadline], ProxyResponse]]] = {
    **{
        f"/{name}/predict" if name else "/predict": (("POST",), functools.partial(_predict, row.host))
        for name, row in _ROWS.items()
    },
    **(dict.fromkeys(_PAGES, (("GET", "HEAD"), _page)) if _PAGE_FILE.exists() else {}),
    "/health": (("GET", "HEAD"), _health),
    "/openapi.json": (("GET", "HEAD"), _openapi),
}
