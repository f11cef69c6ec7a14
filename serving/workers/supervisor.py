"""Supervisor of one worker slot: starts a process, loads its models, self-tests it and replaces it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from serving.log import log_event
from serving.workers.channel import WorkerLostError
from serving.workers.worker_process import ModelRefusedError, WorkerProcess

if TYPE_CHECKING:
    from serving.http.metrics import ServerMetrics
    from serving.workers.health import WorkerHealth, WorkerSlot
    from serving.workers.loaded_models import LoadedModels, ModelEntry
    from serving.workers.pool import Pool

SELF_TEST_INTERVAL_SECONDS = 2.0
MAX_FAILED_STARTS = 3
MAX_PAUSE_SECONDS = 5.0


def restart_pause(failed_starts: int) -> float:
    """Returns the pause before a process is replaced, in seconds.

    Args:
        failed_starts: Number of processes in a row that never were ready; the pause doubles with each, and is
            0 after one that was.
    """
    return 0.0 if failed_starts < 2 else min(0.1 * 2**failed_starts, MAX_PAUSE_SECONDS)


class Supervisor:
    """Keeps one worker slot filled."""

    def __init__(
        self,
        slot: WorkerSlot,
        *,
        pool: Pool,
        models: LoadedModels,
        health: WorkerHealth,
        metrics: ServerMetrics,
    ) -> None:
        self._slot = slot
        self._pool = pool
        self._models = models
        self._health = health
        self._metrics = metrics
        self._failed_starts = 0

    async def run(self) -> str:
        """Starts worker after worker, without end once one was ready.

        Returns:
            Why the model cannot be served, when no worker of the pool was ever ready.
        """
        while True:
            self._failed_starts += 1
            reason, final = await self._run_worker()
            if not self._pool.is_open and (final or self._failed_starts >= MAX_FAILED_STARTS):
                return reason
            log_event("error", "worker lost", reason=reason)
            self._health.record_loss(self._slot)
            self._metrics.restarts += 1
            await asyncio.sleep(restart_pause(self._failed_starts))

    async def _run_worker(self) -> tuple[str, bool]:
        """Runs one worker to its end; returns the reason, and whether another would end the same way."""
        try:
            worker = await WorkerProcess.start(self._pool)
        except OSError as error:
            return f"No process can be started: {error.strerror}.", False
        self._pool.add(worker)
        log_event("info", "worker started", worker=worker.pid)
        try:
            while True:
                await self._load_and_test(worker)
                await worker.wait(SELF_TEST_INTERVAL_SECONDS)
        except ModelRefusedError as error:
            return f"{error}", True
        except WorkerLostError:
            return f"The worker {worker.pid} ended with code {await worker.exit_code()}.", False
        finally:
            worker.kill()

    async def _load_and_test(self, worker: WorkerProcess) -> None:
        for name, entry in self._models.missing(worker.models):
            await self._load(worker, name, entry)
        failure = await worker.self_test()
        if failure != self._slot.failure:
            log_event("error" if failure else "info", "self-test", worker=worker.pid, trouble=failure)
        self._health.record_self_test(self._slot, failure)
        if not (failure or worker.channel.ready or self._models.missing(worker.models)):
            self._failed_starts = 0
            self._pool.admit(worker.channel)
            log_event("info", "worker ready", worker=worker.pid)

    async def _load(self, worker: WorkerProcess, name: str, entry: ModelEntry) -> None:
        try:
            loaded = await worker.load(name, entry.path, transform=self._models.transform)
        except ModelRefusedError as error:
            if not self._models.are_many:
                raise
            if self._models.has(name, entry):
                log_event("error", "model dropped", model=name, reason=f"{error}")
                self._models.remove(name)
            return
        if self._models.has(name, entry):
            self._models.record_loaded(name, loaded)
        else:
            # It was unloaded meanwhile, and perhaps loaded again from another folder.
            await worker.unload(name)
