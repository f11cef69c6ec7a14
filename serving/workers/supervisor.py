"""Keeps the place of one worker filled: starts a process, has it load and prove itself, replaces it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from serving.log import tell
from serving.workers.channel import WorkerLostError
from serving.workers.process import ModelRefusedError, WorkerProcess

if TYPE_CHECKING:
    from serving.http.metrics import Metrics
    from serving.workers.health import Health, Place
    from serving.workers.models import Models
    from serving.workers.pool import Pool

ROUND_SECONDS = 2.0
MOST_FALSE_STARTS = 3
LONGEST_PAUSE_SECONDS = 5.0


class Keeper:
    """One place among the workers."""

    def __init__(self, place: Place, *, pool: Pool, models: Models, health: Health, metrics: Metrics) -> None:
        self._place = place
        self._pool = pool
        self._models = models
        self._health = health
        self._metrics = metrics
        self._false_starts = 0

    async def keep(self) -> str:
        """Keeps the place filled for ever.

        Returns:
            Why the model cannot be served, when no worker has ever been able to.
        """
        while True:
            self._false_starts += 1
            reason, final = await self._live()
            if not self._pool.is_open and (final or self._false_starts >= MOST_FALSE_STARTS):
                return reason
            tell("error", "worker lost", reason=reason)
            self._health.lose(self._place)
            self._metrics.restarts += 1
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        """None after a worker that was ready once, longer and longer after those that never were."""
        return 0.0 if self._false_starts < 2 else min(0.1 * 2**self._false_starts, LONGEST_PAUSE_SECONDS)

    async def _live(self) -> tuple[str, bool]:
        """One worker's life: how it ended, and whether another would end the same way."""
        try:
            worker = await WorkerProcess.start(self._pool)
        except OSError as error:
            return f"No process can be started: {error.strerror}.", False
        self._pool.workers.add(worker)
        tell("info", "worker started", worker=worker.pid)
        try:
            while True:
                await self._round(worker)
                await worker.wait(ROUND_SECONDS)
        except ModelRefusedError as error:
            return f"{error}", True
        except WorkerLostError:
            return f"The worker {worker.pid} ended with code {await worker.end()}.", False
        finally:
            worker.kill()

    async def _round(self, worker: WorkerProcess) -> None:
        for name, path in self._models.missing(worker):
            await self._load(worker, name, path)
        trouble = await worker.check()
        if trouble != self._place.trouble:
            tell("error" if trouble else "info", "self-test", worker=worker.pid, trouble=trouble)
        self._health.check(self._place, trouble)
        if not (trouble or worker.ready or self._models.missing(worker)):
            self._false_starts = 0
            self._pool.admit(worker)
            tell("info", "worker ready", worker=worker.pid)

    async def _load(self, worker: WorkerProcess, name: str, path: str) -> None:
        try:
            self._models.note(name, await worker.load(name, path, prove=self._models.are_many))
        except ModelRefusedError as error:
            if not self._models.are_many:
                raise
            tell("error", "model dropped", model=name, reason=f"{error}")
            self._models.drop(name)
