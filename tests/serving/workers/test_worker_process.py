"""Worker process: commands, their replies and time limits."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

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

if TYPE_CHECKING:
    import subprocess


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
    return WorkerProcess(cast("WorkerChannel", channel), cast("subprocess.Popen[bytes]", None))


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
