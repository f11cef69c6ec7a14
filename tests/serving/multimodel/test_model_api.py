"""Multi-model API: a client gets a response whatever happens to its request."""

import asyncio
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from serving.http.exchange import Exchange
from serving.http.response import Response
from serving.multimodel.model_api import ModelApi
from serving.workers.loaded_models import LoadedModels

if TYPE_CHECKING:
    from serving.multimodel.model_loader import ModelLoader
    from serving.workers.pool import Pool


async def answer(body: bytes, loader: object) -> Response:
    """Returns the response to a request to load a model."""
    responses: asyncio.Queue[Response] = asyncio.Queue()
    api = ModelApi(
        loader=cast("ModelLoader", loader), models=LoadedModels(None), pool=cast("Pool", SimpleNamespace())
    )
    (handle,) = (
        route.handle for route in api.routes() if (route.pattern, route.methods) == ("/models", ("POST",))
    )
    exchange = Exchange(lambda _, response: responses.put_nowait(response))
    exchange.body = body
    handle(exchange)
    async with asyncio.timeout(60):
        return await responses.get()


def test_a_load_that_fails_by_an_error_in_the_program_is_500_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Loader:
        async def load(self, *_: str) -> None:
            raise MemoryError

    response = asyncio.run(answer(b'{"model_name":"a","url":"/a"}', Loader()))

    assert response.status == 500
    assert "MemoryError; see the log" in json.loads(response.body)["detail"]
    assert caplog.messages == ["error in the program"]


def test_a_folder_with_a_zero_byte_is_400() -> None:
    body: Any = json.dumps({"model_name": "a", "url": "/models/\0"}).encode()

    response = asyncio.run(answer(body, SimpleNamespace()))

    assert response.status == 400
    assert "$.url" in json.loads(response.body)["detail"]
