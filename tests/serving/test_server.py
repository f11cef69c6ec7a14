"""Server: exit codes, health and connections from its start to its end, with fake supervisors."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from serving import server
from serving.direct_connections.connection_handovers import ConnectionHandovers
from serving.fronts.front_interfaces import DRAIN_SECONDS, LINGER_SECONDS, TICK_SECONDS, ListenerIntake
from serving.http.listener import open_listener
from serving.server import EXIT_NO_MODEL, EXIT_STOPPED, Server
from serving.settings import ServerSettings
from serving.workers.health import STOPPING, WorkerHealth, WorkerSlot
from serving.workers.pool import Pool

# Bounds a hang only.
HANG_SECONDS = 60

PING = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
Client = Callable[[int], Coroutine[Any, Any, None]]


class HealthySupervisor:
    """Passes one self-test and stays."""

    def __init__(self, slot: WorkerSlot, *, pool: Pool, health: WorkerHealth, **_: object) -> None:
        self._slot, self._pool, self._health = slot, pool, health

    async def run(self) -> str:
        self._health.record_self_test(self._slot, None)
        self._pool.is_open = True
        await asyncio.Event().wait()
        raise AssertionError


class GivingUpSupervisor:
    """Reports that the model cannot be served."""

    def __init__(self, _slot: WorkerSlot, **_: object) -> None:
        pass

    async def run(self) -> str:
        return "The bundle has no manifest.json."


def settings(*, model: str | None = "/opt/ml/model") -> ServerSettings:
    return ServerSettings(host="127.0.0.1", port=0, model=model, workers=2, memory=1 << 30, log_sample=0.0)


def serve(client: Client, *, model: str | None = "/opt/ml/model") -> int:
    """Runs a server and a client of its port; returns the exit code."""

    async def case() -> int:
        listener = open_listener("127.0.0.1", 0)
        port = listener.getsockname()[1]
        async with asyncio.timeout(HANG_SECONDS):
            running = asyncio.ensure_future(Server(ListenerIntake(listener), settings(model=model)).run())
            await client(port)
            return await running

    return asyncio.run(case())


async def ask(port: int, data: bytes) -> bytes:
    """Sends bytes on a new connection and returns the first response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    response = await read_response(reader)
    writer.close()
    return response


async def read_response(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


async def turn() -> None:
    """Runs one turn of the event loop."""
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the server, which take no time; the tick is left out."""
    sleep = asyncio.sleep
    taken: list[float] = []

    async def instantly(seconds: float) -> None:
        if seconds != TICK_SECONDS:
            taken.append(seconds)
        await sleep(0 if seconds != TICK_SECONDS else 0.01)

    monkeypatch.setattr("serving.server.asyncio.sleep", instantly)
    return taken


@pytest.fixture
def _healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "Supervisor", HealthySupervisor)


@pytest.mark.usefixtures("_healthy")
def test_a_signal_stops_a_healthy_server_with_exit_code_0(
    pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    found: list[bytes] = []

    async def client(port: int) -> None:
        found.append(await ask(port, PING))
        stop()

    with caplog.at_level("INFO"):
        assert serve(client) == EXIT_STOPPED

    assert found[0].startswith(b"HTTP/1.1 200 ")
    events = [record.getMessage() for record in caplog.records]
    assert [event for event in events if event in ("stopping", "stopped")] == ["stopping", "stopped"]
    assert pauses[:2] == [LINGER_SECONDS, DRAIN_SECONDS]


@pytest.mark.usefixtures("_healthy")
def test_a_request_under_way_is_answered_and_its_connection_closed_after_the_signal(
    pauses: list[float],
) -> None:
    found: list[bytes] = []

    async def client(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PING)
        await read_response(reader)
        writer.write(PING[:-2])
        # The server has read the start of the request once it answers another connection.
        await ask(port, PING)
        stop()
        while DRAIN_SECONDS not in pauses:
            await turn()
        writer.write(PING[-2:])
        found.append(await reader.read())
        writer.close()

    assert serve(client) == EXIT_STOPPED
    assert found[0].startswith(b"HTTP/1.1 503 ")
    assert STOPPING.encode() in found[0]
    assert b"\r\nconnection: close\r\n" in found[0]


@pytest.mark.usefixtures("pauses")
def test_a_model_that_cannot_be_served_ends_the_server_with_exit_code_3_and_the_reason(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "Supervisor", GivingUpSupervisor)

    async def client(_port: int) -> None:
        """Sends nothing."""

    assert serve(client) == EXIT_NO_MODEL
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("CRITICAL", "model cannot be served")
    assert record.__dict__["fields"] == {"reason": "The bundle has no manifest.json."}


@pytest.mark.usefixtures("_healthy", "pauses")
@pytest.mark.parametrize(
    ("model", "status"),
    [("/opt/ml/model", {"/invocations": 405, "/models": 404}), (None, {"/models": 200, "/invocations": 404})],
)
def test_the_routes_are_those_of_one_model_or_of_the_multi_model_api(
    model: str | None, status: dict[str, int]
) -> None:
    found: dict[str, int] = {}

    async def client(port: int) -> None:
        for path in status:
            response = await ask(port, b"GET %b HTTP/1.1\r\nhost: x\r\n\r\n" % path.encode())
            found[path] = int(response.split()[1])
        stop()

    assert serve(client, model=model) == EXIT_STOPPED
    assert found == status


@pytest.mark.usefixtures("_healthy", "pauses")
def test_metrics_measure_the_connections_and_the_workers() -> None:
    found: list[bytes] = []

    async def client(port: int) -> None:
        found.append(await ask(port, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"))
        stop()

    serve(client)

    assert b"\nserving_connections 1.0\n" in found[0]
    assert b"\nserving_workers_ready 0.0\n" in found[0]
    assert b"\nserving_queue_requests 0.0\n" in found[0]


@pytest.mark.parametrize(
    ("soft", "fronts", "limit"),
    [
        (1_024, 1, 1_024 - 64 - 4 * 2),
        (10, 1, 1),
        (1 << 20, 1, 10_000),
        (1 << 20, 4, 2_500),
        (1_024, 4, 1_024 - 64 - 4 * 2),
    ],
)
def test_the_limit_of_connections_follows_file_descriptors_and_the_number_of_fronts(
    monkeypatch: pytest.MonkeyPatch, soft: int, fronts: int, limit: int
) -> None:
    monkeypatch.setattr("serving.server.resource.getrlimit", lambda _: (soft, soft))

    assert server.connection_limit(replace(settings(), fronts=fronts)) == limit


@pytest.mark.parametrize(
    ("changes", "hands_over"),
    [({}, True), ({"model": None}, False), ({"transform": "on_error=skip"}, False)],
    ids=["one model", "many models", "transform job"],
)
def test_only_a_server_of_one_model_outside_of_transform_jobs_hands_over_connections(
    changes: dict[str, Any], hands_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def pool(*args: Any, **options: Any) -> Pool:
        asked.append(options["hands_over"])
        return Pool(*args, **options)

    async def case() -> None:
        listener = open_listener("127.0.0.1", 0)
        with listener:
            Server(ListenerIntake(listener), replace(settings(), **changes))

    monkeypatch.setattr(server, "Pool", pool)
    asyncio.run(case())

    assert asked == [hands_over]


@pytest.mark.usefixtures("_healthy", "pauses")
def test_a_server_that_stops_recalls_its_direct_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[ConnectionHandovers] = []
    monkeypatch.setattr(ConnectionHandovers, "close", lambda handovers: closed.append(handovers))

    async def client(port: int) -> None:
        await ask(port, PING)
        assert closed == []
        stop()

    assert serve(client) == EXIT_STOPPED
    assert len(closed) == 1
