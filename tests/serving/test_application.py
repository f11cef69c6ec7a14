"""The routes, asked as an ASGI server asks them: what sockets cannot bring about."""

import asyncio
import json
import logging
from typing import Any

import pytest

from serving.application import Application
from serving.health import Health
from serving.predictor import Predictor


def ask(
    application: Application, *messages: dict[str, Any], path: str = "/invocations"
) -> list[dict[str, Any]]:
    """What the application sends for a POST whose receive() gives `messages`."""
    incoming = list(messages)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    asyncio.run(application(scope, receive, send))
    return sent


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


def ready(predictor: Predictor) -> Application:
    health = Health()
    health.start(predictor)
    return Application(health)


def test_a_body_in_parts_is_put_together(binary: Predictor) -> None:
    start, answer = ask(ready(binary), body(b'{"si', more=True), body(b'ze":', more=True), body(b"0}"))

    assert start["status"] == 200
    assert json.loads(answer["body"])["predictions"] == [{"label": "yes", "probability": 0.5}]


def test_a_client_that_left_gets_no_answer(binary: Predictor) -> None:
    assert ask(ready(binary), body(b'{"size"', more=True), {"type": "http.disconnect"}) == []


def test_a_model_that_fails_tells_the_log_why_and_the_client_that(
    regression: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    start, answer = ask(ready(regression), body(b'{"side":1e30}'))

    assert start["status"] == 500
    assert json.loads(answer["body"])["detail"] == "The model failed on this request; its log says why."
    assert [record.getMessage() for record in caplog.records] == [
        "A request failed: The model answered inf, which is no prediction."
    ]


def test_a_mistake_of_ours_is_logged_whole_and_shown_to_no_client(
    binary: Predictor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = ready(binary)
    monkeypatch.setattr(binary, "answer", lambda _body, _call: 1 / 0)

    start, answer = ask(application, body(b'{"size":0}'))

    assert (start["status"], b"division" in answer["body"]) == (500, False)
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert [(record.levelno, record.exc_info is None) for record in caplog.records] == [
        (logging.ERROR, False)
    ]
