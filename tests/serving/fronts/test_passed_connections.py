"""Intake of one front of several, with the test in place of its parent."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any

import pytest
import uvloop

from serving.fronts.passed_connections import CONNECTION, STOP, PassedConnections

# Bounds a hang only.
HANG_SECONDS = 60

Case = Callable[[socket.socket, PassedConnections, asyncio.Event], Coroutine[Any, Any, None]]


class Greeter(asyncio.Protocol):
    """Sends a word on each connection, then closes it."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"hello")
        transport.close()


def run(case: Case, connect: Callable[[], asyncio.Protocol] = Greeter) -> None:
    async def main() -> None:
        parent, front = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        intake, stopped = PassedConnections(front), asyncio.Event()
        with parent, front:
            intake.start(connect, lambda: True, stopped.set)
            async with asyncio.timeout(HANG_SECONDS):
                await case(parent, intake, stopped)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def passed(parent: socket.socket) -> socket.socket:
    """Passes one end of a connection to the front, and returns the other."""
    client, server = socket.socketpair()
    with server:
        socket.send_fds(parent, [CONNECTION], [server.fileno()])
    client.setblocking(False)
    return client


async def rest_of(client: socket.socket) -> bytes:
    with client:
        return await asyncio.get_running_loop().sock_recv(client, 100)


def test_a_passed_connection_is_served() -> None:
    async def case(parent: socket.socket, _intake: PassedConnections, stopped: asyncio.Event) -> None:
        clients = [passed(parent) for _ in range(100)]

        assert [await rest_of(client) for client in clients] == [b"hello"] * 100
        assert not stopped.is_set()

    run(case)


def test_the_order_to_stop_is_received_and_connections_behind_it_are_served() -> None:
    async def case(parent: socket.socket, _intake: PassedConnections, stopped: asyncio.Event) -> None:
        parent.send(STOP)
        client = passed(parent)

        await stopped.wait()
        assert await rest_of(client) == b"hello"

    run(case)


def test_closing_waits_for_the_end_of_the_connections_and_starts_them_all() -> None:
    async def case(parent: socket.socket, intake: PassedConnections, _stopped: asyncio.Event) -> None:
        closing = asyncio.ensure_future(intake.close(linger=True))
        # It waits before the first connection is there.
        await asyncio.sleep(0)
        client = passed(parent)
        assert await rest_of(client) == b"hello"
        assert not closing.done()

        last = passed(parent)
        parent.shutdown(socket.SHUT_WR)
        await closing

        assert await rest_of(last) == b"hello"

    run(case)


def test_the_reason_why_the_model_cannot_be_served_goes_to_the_parent() -> None:
    async def case(parent: socket.socket, intake: PassedConnections, _stopped: asyncio.Event) -> None:
        intake.give_up("The bundle has no manifest.json.")

        assert parent.recv(1_000) == b"The bundle has no manifest.json."

    run(case)


def test_the_end_of_the_connections_is_an_order_to_stop() -> None:
    # The channel may have been full when the parent sent the order.
    async def case(parent: socket.socket, _intake: PassedConnections, stopped: asyncio.Event) -> None:
        parent.shutdown(socket.SHUT_WR)

        await stopped.wait()

    run(case)


def test_a_connection_for_which_no_descriptor_is_left_is_logged_and_has_ended(
    without_descriptors: Callable[[], AbstractContextManager[None]], caplog: pytest.LogCaptureFixture
) -> None:
    class Connection(asyncio.Protocol):
        def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
            ended.set()

    ended = asyncio.Event()

    async def case(parent: socket.socket, _intake: PassedConnections, _stopped: asyncio.Event) -> None:
        client = passed(parent)
        with without_descriptors():
            await ended.wait()

        assert await rest_of(client) == b""

    run(case, Connection)
    assert caplog.messages == ["connection lost"]
