"""Loads and unloads models in every worker, within the memory there is."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from serving.log import tell
from serving.problem import RETRY, Problem
from serving.workers.channel import WorkerLostError
from serving.workers.process import ModelRefusedError, WorkerProcess

if TYPE_CHECKING:
    from serving.workers.models import Models
    from serving.workers.pool import Pool
    from serving.workers.protocol import Loaded

_MEGABYTE = 1 << 20


class Library:
    """Models that come and go.

    Attributes:
        budget: Most memory that all workers together may hold, in bytes.
    """

    def __init__(self, *, models: Models, pool: Pool, budget: int) -> None:
        self.budget = budget
        self._models = models
        self._pool = pool
        # One change at a time, so that the memory measured is that of this change.
        self._turn = asyncio.Lock()

    async def load(self, name: str, path: str) -> None:
        """Has every worker hold the bundle in folder `path` as model `name`.

        Raises:
            Problem: 409 when it is loaded, 400 when it cannot be served, 507 when there is no memory for it,
                503 when there is no worker.
        """
        async with self._turn:
            if name in self._models.entries:
                raise Problem(409, f"Model {name!r} is loaded already: unload it first.")
            try:
                await self._load_everywhere(name, path)
            except Problem as problem:
                tell("warning", "model not loaded", model=name, status=problem.status, reason=problem.detail)
                await self._forget(name)
                raise
            tell("info", "model loaded", model=name, path=path, resident=self._resident())

    async def unload(self, name: str) -> None:
        """Has every worker forget model `name`.

        Raises:
            Problem: 404 when it is not loaded.
        """
        async with self._turn:
            if name not in self._models.entries:
                raise Problem(404, f"Model {name!r} is not loaded.")
            await self._forget(name)
            tell("info", "model unloaded", model=name, resident=self._resident())

    async def _load_everywhere(self, name: str, path: str) -> None:
        workers = [worker for worker in self._pool.workers if worker.ready]
        if not workers:
            raise Problem(503, "No worker is ready.", headers=RETRY)
        self._check_room(_size(path) * len(workers), name)
        first, *others = workers
        before = first.resident
        loaded = await _load(first, name, path)
        self._check_room((first.resident - before) * len(others), name)
        # One worker has survived it. From here on, whoever takes a worker's place loads it too.
        self._models.add(name, path, loaded)
        for worker in others:
            await _load(worker, name, path)
        self._check_room(0, name)

    async def _forget(self, name: str) -> None:
        self._models.drop(name)
        for worker in tuple(self._pool.workers):
            if name in worker.models:
                with suppress(WorkerLostError):
                    await worker.unload(name)

    def _check_room(self, more: int, name: str) -> None:
        needed = self._resident() + more
        if needed > self.budget:
            detail = (
                f"There is no memory for model {name!r}: with it the workers would hold "
                f"{needed // _MEGABYTE:,} MB, and {self.budget // _MEGABYTE:,} MB are the most there may be. "
                "Unload another model first."
            )
            raise Problem(507, detail)

    def _resident(self) -> int:
        return sum(worker.resident for worker in self._pool.workers)


async def _load(worker: WorkerProcess, name: str, path: str) -> Loaded:
    try:
        return await worker.load(name, path, prove=True)
    except ModelRefusedError as error:
        raise Problem(500, f"Model {name!r} cannot be served: {error}") from error
    except WorkerLostError as error:
        end = await worker.end()
        sentence = f"Model {name!r} cannot be served: the worker that loaded it ended with code {end}."
        # How the kernel ends a process when there is no more memory.
        if end == -signal.SIGKILL:
            raise Problem(507, sentence) from error
        raise Problem(500, sentence) from error


def _size(path: str) -> int:
    with suppress(OSError):
        return (Path(path) / "model.onnx").stat().st_size
    return 0
