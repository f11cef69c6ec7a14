"""Loads and unloads a model in every worker, within the memory budget."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from serving.log import log_event
from serving.problem import RETRY_AFTER, Problem
from serving.workers.channel import WorkerLostError
from serving.workers.worker_process import ModelRefusedError, WorkerProcess

if TYPE_CHECKING:
    from serving.workers.loaded_models import LoadedModels
    from serving.workers.pool import Pool
    from serving.workers.protocol import ModelLoaded

_MEGABYTE = 1 << 20


class ModelLoader:
    """Loads and unloads models, one at a time.

    Attributes:
        budget: Limit of the memory that all workers together may hold, in bytes.
    """

    def __init__(self, *, models: LoadedModels, pool: Pool, budget: int) -> None:
        self.budget = budget
        self._models = models
        self._pool = pool
        # One change at a time, so that a change of the measured memory has one cause.
        self._lock = asyncio.Lock()

    async def load(self, name: str, path: str) -> None:
        """Loads the bundle in folder `path` as model `name` in every worker.

        Raises:
            Problem: 409 when the model is loaded already, 500 when it cannot be served, 507 when there is not
                enough memory, 503 when no worker is ready.
        """
        async with self._lock:
            if name in self._models.entries:
                raise Problem(409, f"Model {name!r} is loaded already: unload it first.")
            try:
                await self._load_in_workers(name, path)
            except Problem as problem:
                log_event(
                    "warning", "model not loaded", model=name, status=problem.status, reason=problem.detail
                )
                await self._unload_in_workers(name)
                raise
            log_event("info", "model loaded", model=name, path=path, resident=self._resident())

    async def unload(self, name: str) -> None:
        """Unloads model `name` in every worker.

        Raises:
            Problem: 404 when it is not loaded.
        """
        async with self._lock:
            if name not in self._models.entries:
                raise Problem(404, f"Model {name!r} is not loaded.")
            await self._unload_in_workers(name)
            log_event("info", "model unloaded", model=name, resident=self._resident())

    async def _load_in_workers(self, name: str, path: str) -> None:
        workers = self._ready()
        if not workers:
            raise Problem(503, "No worker is ready.", headers=RETRY_AFTER)
        # A model takes at least the memory of its file.
        self._check_memory(_size(path) * len(workers), name)
        first, *others = workers
        before = first.resident
        loaded = await _load(first, name, path)
        self._check_memory((first.resident - before) * len(others), name)
        # The first worker survived the load. From now on a replaced worker loads the model too.
        self._models.add(name, path, loaded)
        # Others may have become ready meanwhile, and would refuse the model's requests.
        while others := [worker for worker in self._ready() if name not in worker.models]:
            await _load(others[0], name, path)
        self._check_memory(0, name)

    def _ready(self) -> list[WorkerProcess]:
        return [worker for worker in self._pool.workers.values() if worker.channel.ready]

    async def _unload_in_workers(self, name: str) -> None:
        self._models.remove(name)
        for worker in tuple(self._pool.workers.values()):
            if name in worker.models:
                with suppress(WorkerLostError):
                    await worker.unload(name)

    def _check_memory(self, more: int, name: str) -> None:
        needed = self._resident() + more
        if needed > self.budget:
            detail = (
                f"There is no memory for model {name!r}: with it the workers would hold "
                f"{needed // _MEGABYTE:,} MB, and {self.budget // _MEGABYTE:,} MB are the most there may be. "
                "Unload another model first."
            )
            raise Problem(507, detail)

    def _resident(self) -> int:
        return sum(worker.resident for worker in self._pool.workers.values())


async def _load(worker: WorkerProcess, name: str, path: str) -> ModelLoaded:
    try:
        return await worker.load(name, path)
    except ModelRefusedError as error:
        raise Problem(500, f"Model {name!r} cannot be served: {error}") from error
    except WorkerLostError as error:
        code = await worker.exit_code()
        sentence = f"Model {name!r} cannot be served: the worker that loaded it ended with code {code}."
        # The kernel kills a process with SIGKILL when memory runs out.
        if code == -signal.SIGKILL:
            raise Problem(507, sentence) from error
        raise Problem(500, sentence) from error


def _size(path: str) -> int:
    """Returns the size of a bundle's graph in bytes; 0 when it cannot be read, which `load` reports."""
    with suppress(OSError):
        return (Path(path) / "model.onnx").stat().st_size
    return 0
