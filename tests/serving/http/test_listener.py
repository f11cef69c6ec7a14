"""Acceptor: connections wait in the backlog while they cannot be accepted."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any

import pytest
import uvloop

from serving.http import listener as listener_module
from serving.http.listener import Acceptor, open_listener

Context = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "PAUSE_SECONDS", 0.001)


class Accepted(asyncio.Protocol):
    """Sets an event when its connection begins."""

    def __init__(self, begun: asyncio.Event) -> None:
        self._begun = begun

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
        self._begun.set()


def run(case: Callable[[socket.socket, asyncio.Event, list[Any]], Coroutine[Any, Any, None]]) -> list[Any]:
    """Runs a case with a listening socket and an event; returns the errors of the event loop."""
    errors: list[Any] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
        with open_listener("127.0.0.1", 0) as listener:
            await case(listener, asyncio.Event(), errors)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
    return errors


def test_without_a_descriptor_a_connection_is_accepted_later_and_the_log_says_so_once(
    without_descriptors: Context, caplog: pytest.LogCaptureFixture
) -> None:
    async def case(listener: socket.socket, begun: asyncio.Event, _errors: list[Any]) -> None:
        with socket.create_connection(listener.getsockname()):
            with without_descriptors():
                acceptor = Acceptor(listener, lambda: Accepted(begun), lambda: True)
                acceptor._accept_some()
                acceptor._accept_some()
            await begun.wait()
            await acceptor.close()

    assert run(case) == []
    assert caplog.messages == ["cannot accept"]


def test_a_listener_that_is_closed_during_a_pause_is_not_read_again(without_descriptors: Context) -> None:
    async def case(listener: socket.socket, begun: asyncio.Event, _errors: list[Any]) -> None:
        with socket.create_connection(listener.getsockname()):
            # Given a pause because there is no room, and no descriptor either when the server stops
            acceptor = Acceptor(listener, lambda: Accepted(begun), lambda: False)
            acceptor._accept_some()
            with without_descriptors():
                await acceptor.close()

            # When the time of the pause is over
            await asyncio.sleep(listener_module.PAUSE_SECONDS)

    # Then the closed listener is left alone
    assert run(case) == []
