"""Worker process: commands, their replies and time limits."""

import asyncio
import socket
from pathlib import Path
from typing import Any, cast

import pytest

from serving.direct_connections.handover_messages import HandOver, send_handover
from serving.direct_connections.repeated_request_head import RepeatedRequestHead
from serving.workers.channel import SELF_TEST_SECONDS, WorkerChannel
from serving.workers.protocol import (
    LoadModel,
    ModelLoaded,
    ModelRefused,
    ModelUnloaded,
    SelfTest,
    SelfTested,
    UnloadModel,
    WorkerCommand,
    WorkerReply,
)
from serving.workers.worker_process import LOAD_SECONDS, ModelRefusedError, WorkerProcess
from tests.contract.support.process import unpack
from tests.tiny_bundle import write_tiny_bundle

METADATA = (b"application/json", b"", b"", b"")


class FakeChannel:
    """Records commands and gives the replies of the test."""

    def __init__(self, *replies: WorkerReply) -> None:
        self.replied = 0.0
        self.sent: list[tuple[WorkerCommand, float]] = []
        self._replies = [*replies]

    async def execute(self, command: WorkerCommand, seconds: float) -> WorkerReply:
        self.sent.append((command, seconds))
        self.replied += 1
        return self._replies.pop(0)


def worker_of(channel: FakeChannel) -> WorkerProcess:
    none: Any = None
    return WorkerProcess(cast("WorkerChannel", channel), none, memory=none, handovers=none)


def test_a_model_is_held_from_its_load_to_its_unload_and_each_reply_updates_the_memory() -> None:
    async def case() -> None:
        loaded = ModelLoaded("tiny", "c0ffee", b"{}", 5)
        channel = FakeChannel(loaded, ModelUnloaded(3))
        worker = worker_of(channel)

        assert await worker.load("a", "/a") == loaded
        assert (worker.models, worker.resident) == ({"a"}, 5)
        await worker.unload("a")
        assert (worker.models, worker.resident) == (set(), 3)
        assert channel.sent == [
            (LoadModel("a", "/a"), LOAD_SECONDS),
            (UnloadModel("a"), LOAD_SECONDS),
        ]

    asyncio.run(case())


def test_a_refused_model_is_not_held() -> None:
    async def case() -> None:
        worker = worker_of(FakeChannel(ModelRefused("It is not a bundle.")))

        with pytest.raises(ModelRefusedError, match="It is not a bundle"):
            await worker.load("a", "/a")
        assert worker.models == set()

    asyncio.run(case())


def test_only_the_first_reply_may_take_as_long_as_a_start() -> None:
    async def case() -> None:
        channel = FakeChannel(SelfTested("It is wrong.", 1), SelfTested(None, 2))
        worker = worker_of(channel)

        assert await worker.self_test() == "It is wrong."
        assert await worker.self_test() is None
        assert channel.sent == [(SelfTest(), LOAD_SECONDS), (SelfTest(), SELF_TEST_SECONDS)]
        assert worker.resident == 2

    asyncio.run(case())


def test_a_started_process_answers_a_connection_and_commands_and_returns_it_before_one_that_takes_long(
    tmp_path: Path,
) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path)
    ask = b'length: 10\r\n\r\n{"size":0}'

    async def case() -> None:
        worker = await WorkerProcess.start(Observer())
        try:
            await worker.load("", f"{tmp_path / 'model'}")
            client, passed = socket.socketpair()
            with client, passed:
                client.setblocking(False)
                passed.setblocking(False)
                head = RepeatedRequestHead(b"length: ", b"\r\n\r\n", METADATA)
                send_handover(worker.handovers, HandOver(1, head), passed.fileno())
                loop = asyncio.get_running_loop()
                await loop.sock_sendall(client, ask)
                first = await loop.sock_recv(client, 1_000)
                failure = await worker.self_test()
                await loop.sock_sendall(client, ask)
                second = await loop.sock_recv(client, 1_000)
                await worker.unload("other")
                returned = await loop.sock_recv(worker.handovers, 2)

            assert first.startswith(b"HTTP/1.1 200 OK\r\n")
            assert second.startswith(b"HTTP/1.1 200 OK\r\n")
            assert (failure, returned) == (None, b"\x01\x00")
            assert worker.memory.counts.read().responses == 2
        finally:
            worker.kill()
            await worker.channel.gone.wait()
            await worker.exit_code()
            worker.close()

    asyncio.run(case())


class Observer:
    """Ignores the events of a channel."""

    def answered(self, *_: object) -> None:
        pass

    def freed(self, *_: object) -> None:
        pass

    def lost(self, *_: object) -> None:
        pass
