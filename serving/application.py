"""The routes of SageMaker's hosting contract, as an ASGI application.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from serving.call import CUSTOM_ATTRIBUTES
from serving.failure import problem_of
from serving.health import Health
from serving.predictor import Predictor
from serving.problem import MEDIA_TYPE, Headers, Problem
from serving.request import ClientGoneError, Receive, read_body

_JSON = b"application/json"
_CLOSE = (b"connection", b"close")

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Response(NamedTuple):
    """A complete answer."""

    status: int
    media_type: bytes
    body: bytes
    headers: Headers = ()


class Route(NamedTuple):
    """What answers a path, and with which methods."""

    methods: tuple[str, ...]
    answer: Callable[[Scope, Receive], Awaitable[Response]]


class Application:
    """GET /ping and POST /invocations; everything else is a problem document."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._routes = {
            "/ping": Route(("GET", "HEAD", "POST"), self._ping),
            "/invocations": Route(("POST",), self._invoke),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI 3: https://asgi.readthedocs.io/en/latest/specs/www.html)."""
        try:
            response = await self._respond(scope, receive)
        except ClientGoneError:
            return
        headers = [(b"content-type", response.media_type), (b"content-length", b"%d" % len(response.body))]
        headers += response.headers
        if self._health.stopping:
            headers.append(_CLOSE)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        try:
            return await self._route(scope).answer(scope, receive)
        except ClientGoneError:
            raise
        except Exception as error:
            return _refuse(problem_of(error))

    def _route(self, scope: Scope) -> Route:
        path, method = scope["path"], scope["method"]
        route = self._routes.get(path)
        if route is None:
            raise Problem(404, f"There is nothing here: the paths are {' and '.join(self._routes)}.")
        if method not in route.methods:
            allowed = ", ".join(route.methods)
            raise Problem(
                405, f"The methods of {path} are {allowed}.", headers=((b"allow", allowed.encode()),)
            )
        return route

    async def _ping(self, _scope: Scope, _receive: Receive) -> Response:
        predictor, trouble = self._health.predictor, self._health.trouble()
        if predictor is None or trouble:
            raise _unavailable(trouble)
        return Response(200, _JSON, b'{"status":"healthy","model":%b}' % bytes(predictor.identity))

    async def _invoke(self, scope: Scope, receive: Receive) -> Response:
        predictor = self._health.predictor
        if predictor is None:
            raise _unavailable(self._health.trouble())
        headers = dict(scope["headers"])
        call = predictor.calls.read(headers, scope["query_string"])
        body = await read_body(receive, headers)
        return Response(200, call.accept.content_type, predictor.answer(body, call), _version(predictor))


def _version(predictor: Predictor) -> Headers:
    version = predictor.version.encode()
    # The second is the one header of ours that SageMaker passes on to who invoked the endpoint.
    return ((b"x-model-version", version), (CUSTOM_ATTRIBUTES, b"model_version=" + version))


def _unavailable(trouble: str | None) -> Problem:
    return Problem(503, f"{trouble}", headers=((b"retry-after", b"1"),))


def _refuse(problem: Problem) -> Response:
    return Response(problem.status, MEDIA_TYPE, problem.encode(), problem.headers)
