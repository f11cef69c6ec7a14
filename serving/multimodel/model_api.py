"""SageMaker's multi-model API: loads, lists, unloads and invokes models while the server runs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, unquote

import msgspec

from serving.http.response import JSON_HEAD, Response
from serving.http.route import INFERENCE, Route
from serving.log import logger
from serving.predict.request import InferenceRequest, request_metadata
from serving.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from serving.http.exchange import Exchange
    from serving.multimodel.model_loader import ModelLoader
    from serving.workers.loaded_models import LoadedModels
    from serving.workers.pool import Pool

MODELS_PER_PAGE = 100

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
# No path has a zero byte.
_Path = Annotated[_Text, msgspec.Meta(pattern=r"^[^\0]*$")]


class _LoadRequest(msgspec.Struct, frozen=True):
    model_name: _Text
    url: _Path


_decode_load_request = msgspec.json.Decoder(_LoadRequest).decode


class ModelApi:
    """POST and GET /models, GET and DELETE /models/<name>, POST /models/<name>/invoke."""

    def __init__(self, *, loader: ModelLoader, models: LoadedModels, pool: Pool) -> None:
        self._loader = loader
        self._models = models
        self._pool = pool
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """Returns the routes of this API."""
        return [
            Route("models", "/models", ("GET",), _refusing(self._list)),
            Route("models", "/models", ("POST",), _refusing(self._load)),
            Route("models", "/models/{name}", ("GET",), _refusing(self._get)),
            Route("models", "/models/{name}", ("DELETE",), _refusing(self._unload)),
            Route(INFERENCE, "/models/{name}/invoke", ("POST",), _refusing(self._invoke)),
        ]

    def _list(self, exchange: Exchange) -> None:
        after = parse_qs(exchange.query.decode("latin-1")).get("next_page_token", [""])[0]
        names = sorted(self._models.entries)
        start = bisect_right(names, after)
        page = names[start : start + MODELS_PER_PAGE]
        listed: dict[str, Any] = {"models": [self._describe(name) for name in page]}
        if start + MODELS_PER_PAGE < len(names):
            listed["nextPageToken"] = page[-1]
        _respond(exchange, listed)

    def _get(self, exchange: Exchange) -> None:
        _respond(exchange, self._describe(self._name(exchange)))

    def _invoke(self, exchange: Exchange) -> None:
        metadata = request_metadata(exchange.headers, exchange.query)
        exchange.inference = InferenceRequest(self._name(exchange), exchange.body, metadata)
        self._pool.submit(exchange)

    def _load(self, exchange: Exchange) -> None:
        try:
            request = _decode_load_request(exchange.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            shape = '{"model_name": "...", "url": "/opt/ml/models/.../model"}'
            raise Problem(400, f"The body must be {shape}: {error}.") from error
        described = {"modelName": request.model_name, "modelUrl": request.url}
        self._start(exchange, self._loader.load(request.model_name, request.url), described)

    def _unload(self, exchange: Exchange) -> None:
        name = self._name(exchange)
        self._start(exchange, self._loader.unload(name), self._describe(name))

    def _name(self, exchange: Exchange) -> str:
        name = unquote(exchange.path.split(b"/")[2].decode("latin-1"))
        if name not in self._models.entries:
            raise Problem(404, f"Model {name!r} is not loaded.")
        return name

    def _describe(self, name: str) -> dict[str, str]:
        return {"modelName": name, "modelUrl": self._models.entries[name].path}

    def _start(self, exchange: Exchange, work: Coroutine[Any, Any, None], described: dict[str, str]) -> None:
        task = asyncio.get_running_loop().create_task(_complete(exchange, work, described))
        # The event loop holds only weak references to tasks.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _refusing(handle: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Returns a handler that responds with the Problem that `handle` raises."""

    def refusing(exchange: Exchange) -> None:
        try:
            handle(exchange)
        except Problem as problem:
            exchange.refuse(problem)

    return refusing


async def _complete(exchange: Exchange, work: Coroutine[Any, Any, None], described: dict[str, str]) -> None:
    try:
        await work
    except Problem as problem:
        exchange.refuse(problem)
    except Exception as error:
        # Nobody else reads the exception of this task, and the client would wait without end.
        logger.exception("error in the program")
        exchange.refuse(Problem(500, f"An error in the program: {type(error).__name__}; see the log."))
    else:
        _respond(exchange, described)


def _respond(exchange: Exchange, document: dict[str, Any]) -> None:
    exchange.respond(Response(200, JSON_HEAD, msgspec.json.encode(document)))
