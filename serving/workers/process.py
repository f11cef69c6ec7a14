"""A worker as the front sees it: a process at the other end of a link."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from serving.workers.channel import CHECK_SECONDS, Link
from serving.workers.protocol import Answer, Check, Checked, Load, Loaded, Refused, Unload, Unloaded

if TYPE_CHECKING:
    from serving.http.exchange import Exchange

COMMAND = (sys.executable, "-m", "serving.workers.worker")
LOAD_SECONDS = 300.0
END_SECONDS = 1.0


class ModelRefusedError(Exception):
    """A worker cannot serve a model; the message is one sentence for the operator."""


class Owner(Protocol):
    """Who gives workers their requests."""

    def answered(self, exchanges: list[Exchange], answers: list[Answer]) -> None:
        """Takes the answers to a worker's requests."""

    def freed(self, worker: WorkerProcess) -> None:
        """Hears that a worker has nothing to do."""

    def lost(self, worker: WorkerProcess, exchanges: list[Exchange]) -> None:
        """Hears that a worker died, and over what."""


class WorkerProcess:
    """One worker.

    Attributes:
        link: The way to it.
        ready: Whether it takes requests.
        models: Names of the models it holds.
        resident: Its memory when it last told, in bytes.
    """

    def __init__(self, owner: Owner, process: subprocess.Popen[bytes]) -> None:
        self.link = Link(self)
        self.ready = False
        self.models: set[str] = set()
        self.resident = 0
        self._owner = owner
        self._process = process

    @classmethod
    async def start(cls, owner: Owner) -> WorkerProcess:
        """Starts a process.

        Raises:
            OSError: When the machine has no room for one.
        """
        ours, its = socket.socketpair()
        try:
            with its:
                # In a group of its own: a signal to the group of the front is for the front alone.
                process = subprocess.Popen(
                    [*COMMAND, str(its.fileno()), str(os.getpid())],
                    pass_fds=[its.fileno()],
                    stdin=subprocess.DEVNULL,
                    process_group=0,
                )
        except OSError:
            ours.close()
            raise
        worker = cls(owner, process)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker.link, sock=ours)
        return worker

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def idle(self) -> bool:
        """Whether it could be given requests now."""
        return self.ready and not self.link.busy

    async def load(self, name: str, path: str, *, prove: bool = False) -> Loaded:
        """Has it load a model, before any more requests.

        Args:
            name: What the model is asked for by.
            path: Folder of its unpacked bundle.
            prove: Whether a model that answers its golden rows wrong is refused.

        Raises:
            ModelRefusedError: When it cannot.
            WorkerLostError: When it ends over it.
        """
        reply = await self.link.order(Load(name, path, prove), LOAD_SECONDS)
        if isinstance(reply, Refused):
            raise ModelRefusedError(reply.reason)
        assert isinstance(reply, Loaded)  # noqa: S101  # the other answer to this order
        self.models.add(name)
        self.resident = reply.resident
        return reply

    async def unload(self, name: str) -> None:
        """Has it forget model `name`.

        Raises:
            WorkerLostError: When it ends over it.
        """
        reply = await self.link.order(Unload(name), LOAD_SECONDS)
        assert isinstance(reply, Unloaded)  # noqa: S101  # the answer to this order
        self.models.discard(name)
        self.resident = reply.resident

    async def check(self) -> str | None:
        """Has it answer its golden rows, before any more requests.

        Returns:
            What is wrong, in a sentence; None when nothing is.

        Raises:
            WorkerLostError: When it ends over it.
        """
        reply = await self.link.order(Check(), CHECK_SECONDS)
        assert isinstance(reply, Checked)  # noqa: S101  # the answer to this order
        self.resident = reply.resident
        return reply.trouble

    async def wait(self, seconds: float) -> None:
        """Waits for its end, so long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.link.gone.wait()

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()

    async def end(self) -> int | None:
        """The exit code of its process, which must be lost; negative for a signal, None while it hangs."""
        until = monotonic() + END_SECONDS
        while (code := self._process.poll()) is None and monotonic() < until:
            await asyncio.sleep(0.001)
        return code

    def answered(self, exchanges: list[Exchange], answers: list[Answer]) -> None:
        """Hands answers on."""
        self._owner.answered(exchanges, answers)

    def freed(self) -> None:
        """Asks for more to do."""
        self._owner.freed(self)

    def lost(self, exchanges: list[Exchange]) -> None:
        """Gives back what it had."""
        self.ready = False
        self.kill()
        self._owner.lost(self, exchanges)
