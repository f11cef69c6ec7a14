"""Worker process as the front controls it: start, commands, end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from time import monotonic
from typing import TYPE_CHECKING

from serving.direct_connections.handover_messages import message_sockets
from serving.direct_connections.memory.handover_memory import HandoverMemory
from serving.workers.channel import SELF_TEST_SECONDS, WorkerChannel
from serving.workers.protocol import (
    LoadModel,
    ModelLoaded,
    ModelRefused,
    ModelUnloaded,
    SelfTest,
    SelfTested,
    UnloadModel,
)

if TYPE_CHECKING:
    import socket
    from io import FileIO

    from serving.workers.channel import ChannelObserver

COMMAND = (sys.executable, "-m", "serving.workers.worker")
LOAD_SECONDS = 300.0
EXIT_SECONDS = 1.0


class ModelRefusedError(Exception):
    """A worker cannot serve a model; the message is one sentence for the operator."""


class WorkerProcess:
    """One worker process.

    Attributes:
        channel: Its commands and replies.
        memory: The memory of its direct connections.
        handovers: The socket that takes the connections that are handed over to it.
        models: Names of the models that it holds.
        resident: Its resident memory at its last reply, in bytes.
    """

    def __init__(
        self,
        channel: WorkerChannel,
        process: subprocess.Popen[bytes],
        *,
        memory: HandoverMemory,
        handovers: socket.socket,
    ) -> None:
        self.channel = channel
        self.memory = memory
        self.handovers = handovers
        self.models: set[str] = set()
        self.resident = 0
        self._process = process

    @classmethod
    async def start(cls, observer: ChannelObserver) -> WorkerProcess:
        """Starts a process; `observer` receives the events of its channel.

        Raises:
            OSError: When the machine cannot start another process.
        """
        with ExitStack() as ours, ExitStack() as theirs:
            received, written = _pipe()
            replies, replied = _pipe()
            handovers, passed = message_sockets()
            for end in (written, replies, handovers):
                ours.enter_context(end)
            for end in (received, replied, passed):
                theirs.enter_context(end)
            shared = HandoverMemory.create()
            theirs.callback(os.close, shared)
            memory = HandoverMemory(shared)
            descriptors = [received.fileno(), replied.fileno(), passed.fileno(), shared]
            # In a process group of its own: a signal to the front's group must not reach the worker.
            process = subprocess.Popen(
                [*COMMAND, *map(str, descriptors), f"{os.getpid()}"],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
            ours.pop_all()
        handovers.setblocking(False)
        loop = asyncio.get_running_loop()
        commands, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, written)
        channel = WorkerChannel(observer, monotonic, commands)
        await loop.connect_read_pipe(lambda: channel, replies)
        return cls(channel, process, memory=memory, handovers=handovers)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def load(self, name: str, path: str, *, transform: bool = False) -> ModelLoaded:
        """Loads a model and predicts its golden rows, ahead of any further requests.

        Args:
            name: Name by which requests will name it.
            path: Folder of its unpacked bundle.
            transform: Whether its requests are those of a batch transform job.

        Raises:
            ModelRefusedError: When the model cannot be loaded, or predicts its golden rows wrong.
            WorkerLostError: When the process ends meanwhile.
        """
        reply = await self.channel.execute(LoadModel(name, path, transform), LOAD_SECONDS)
        if isinstance(reply, ModelRefused):
            raise ModelRefusedError(reply.reason)
        assert isinstance(reply, ModelLoaded)  # noqa: S101  # the other reply to this command
        self.models.add(name)
        self.resident = reply.resident
        return reply

    async def unload(self, name: str) -> None:
        """Unloads model `name`.

        Raises:
            WorkerLostError: When the process ends meanwhile.
        """
        reply = await self.channel.execute(UnloadModel(name), LOAD_SECONDS)
        assert isinstance(reply, ModelUnloaded)  # noqa: S101  # the reply to this command
        self.models.discard(name)
        self.resident = reply.resident

    async def self_test(self) -> str | None:
        """Predicts the golden rows of every model, ahead of any further requests.

        Returns:
            The fault, in a sentence; None when the test passed.

        Raises:
            WorkerLostError: When the process ends meanwhile.
        """
        # The first reply includes the start of the interpreter and its imports.
        seconds = SELF_TEST_SECONDS if self.channel.replied else LOAD_SECONDS
        reply = await self.channel.execute(SelfTest(), seconds)
        assert isinstance(reply, SelfTested)  # noqa: S101  # the reply to this command
        self.resident = reply.resident
        return reply.failure

    async def wait(self, seconds: float) -> None:
        """Waits until the process ends, at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.channel.gone.wait()

    def kill(self) -> None:
        """Kills the process."""
        self._process.kill()

    def close(self) -> None:
        """Releases the resources that the front holds for a process that has ended."""
        self.handovers.close()

    async def exit_code(self) -> int | None:
        """Returns the exit code of a process that was lost; negative for a signal, None while it hangs."""
        until = monotonic() + EXIT_SECONDS
        while (code := self._process.poll()) is None and monotonic() < until:
            await asyncio.sleep(0.001)
        return code


def _pipe() -> tuple[FileIO, FileIO]:
    """Returns the reading and the writing end of a pipe."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0)
