"""One front: builds its HTTP part and its supervised workers, runs them, and stops them in order."""

from __future__ import annotations

import asyncio
import resource
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

from serving.fronts.front_interfaces import TICK_SECONDS, NoPeers
from serving.http.metrics import AccessLog, ServerMetrics
from serving.http.open_connections import Clients
from serving.log import log_event
from serving.multimodel.model_api import ModelApi
from serving.multimodel.model_loader import ModelLoader
from serving.routes import Routes, ServerRoutes
from serving.workers.health import LOADING, WorkerHealth, WorkerSlot
from serving.workers.loaded_models import LoadedModels
from serving.workers.pool import Pool
from serving.workers.supervisor import Supervisor

if TYPE_CHECKING:
    from serving.fronts.front_interfaces import Intake, Peers
    from serving.settings import ServerSettings

EXIT_STOPPED = 0
EXIT_NO_MODEL = 3

TICKS_PER_SWEEP = 10
FINISH_SECONDS = 8.0
FINISH_STEP_SECONDS = 0.01
# Beside two pipes, a socket and a memory of each worker: for those of old workers, and for files that the
# Python runtime opens.
SPARE_DESCRIPTORS = 64
MAX_CONNECTIONS = 10_000


class Server:
    """A front process: its connections, and the supervisors of its workers."""

    def __init__(self, intake: Intake, settings: ServerSettings, peers: Peers | None = None) -> None:
        """Creates a front.

        Args:
            intake: The source of its connections.
            settings: Its settings; `workers` is the number of its own workers.
            peers: The other fronts of the server; None when there are none.
        """
        self._intake = intake
        self._peers = peers or NoPeers()
        self._health = WorkerHealth(settings.workers, monotonic)
        self._metrics = ServerMetrics()
        self._models = LoadedModels(settings.model, transform=settings.transform is not None)
        self._pool = Pool(
            self._health,
            self._metrics,
            monotonic,
            transform=self._models.transform,
            hands_over=not (self._models.are_many or self._models.transform),
            log_sample=settings.log_sample,
        )
        self._clients = Clients(
            self._routes(settings).find,
            AccessLog(self._metrics, sample=settings.log_sample, clock=monotonic),
            limit=connection_limit(settings),
            clock=monotonic,
            max_body=settings.max_body,
            closed=self._peers.count_closed,
        )
        self._signalled = asyncio.Event()
        self._metrics.models = self._models.versions
        self._metrics.others = self._peers.counts
        self._metrics.gauges = {
            ("serving_queue_requests", "Requests that wait for a worker."): lambda: len(self._pool.queue),
            ("serving_worker_requests", "Requests that workers have."): self._pool.in_flight,
            ("serving_workers_ready", "Workers that take requests."): self._pool.ready,
            ("serving_connections", "Connections of clients."): lambda: len(self._clients),
            ("serving_direct_connections", "Connections that workers answer."): lambda: (
                self._pool.handovers.handed_over
            ),
        }

    def _routes(self, settings: ServerSettings) -> Routes:
        routes = ServerRoutes(
            pool=self._pool,
            unhealthy_reason=self._unhealthy_reason,
            models=self._models,
            metrics=self._metrics,
            settings=settings,
        ).routes()
        if self._models.are_many:
            loader = ModelLoader(models=self._models, pool=self._pool, budget=settings.memory)
            routes += ModelApi(loader=loader, models=self._models, pool=self._pool).routes()
        return Routes(routes)

    def _unhealthy_reason(self) -> str | None:
        return self._health.unhealthy_reason() or self._peers.unhealthy_reason()

    async def run(self) -> int:
        """Serves until it is told to stop or no worker can serve the model; returns the exit code."""
        loop = asyncio.get_running_loop()
        self._intake.start(self._clients.connect, self._clients.has_room, self._signalled.set)
        supervisors = [loop.create_task(self._supervisor(slot).run()) for slot in self._health.slots]
        others = [loop.create_task(self._tick()), loop.create_task(self._signalled.wait())]
        done, _ = await asyncio.wait([*supervisors, *others], return_when=asyncio.FIRST_COMPLETED)
        try:
            if self._signalled.is_set():
                await self._stop()
                return EXIT_STOPPED
            self._intake.give_up(f"{done.pop().result()}")
            self._clients.stopping = True
            await self._finish(linger=False)
            return EXIT_NO_MODEL
        finally:
            for task in (*supervisors, *others):
                task.cancel()
            await asyncio.wait([*supervisors, *others])

    def _supervisor(self, slot: WorkerSlot) -> Supervisor:
        return Supervisor(
            slot, pool=self._pool, models=self._models, health=self._health, metrics=self._metrics
        )

    async def _tick(self) -> None:
        reason: str | None = LOADING
        for tick in count():
            await asyncio.sleep(TICK_SECONDS)
            self._pool.tick(monotonic())
            if tick % TICKS_PER_SWEEP == 0:
                self._clients.sweep()
            if reason != (reason := self._health.unhealthy_reason()):
                log_event(
                    "warning" if reason else "info", "unhealthy" if reason else "healthy", reason=reason
                )
            self._peers.publish(reason, self._metrics.counts, ready=self._pool.ready() > 0)

    async def _stop(self) -> None:
        self._health.stopping = self._clients.stopping = True
        self._pool.handovers.close()
        log_event("info", "stopping", connections=len(self._clients))
        # While it lingers, requests that arrive are answered.
        await self._finish(linger=self._pool.is_open)
        log_event("info", "stopped", unfinished=len(self._clients))

    async def _finish(self, *, linger: bool) -> None:
        """Takes the last connections, and completes the requests under way."""
        await self._intake.close(linger=linger)
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                while not self._clients.finish():
                    await asyncio.sleep(FINISH_STEP_SECONDS)


def connection_limit(settings: ServerSettings) -> int:
    """Returns how many connections a front may have, from its share of all and its file descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(max(soft - SPARE_DESCRIPTORS - 4 * settings.workers, 1), MAX_CONNECTIONS // settings.fronts)
