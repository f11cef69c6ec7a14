"""The front: one process that speaks HTTP, watches over its workers, and stops in order."""

from __future__ import annotations

import asyncio
import resource
import signal
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

from serving.handlers import Handlers
from serving.http.acceptor import Acceptor
from serving.http.access_log import Journal
from serving.http.clients import Clients
from serving.http.listener import admit_no_more
from serving.http.metrics import Metrics
from serving.log import tell
from serving.multimodel.model_api import ModelApi
from serving.multimodel.model_loader import Library
from serving.routes import Routes
from serving.workers.health import LOADING, Health, Place
from serving.workers.models import Models
from serving.workers.pool import Pool
from serving.workers.supervisor import Keeper

if TYPE_CHECKING:
    import socket

    from serving.settings import Settings

EXIT_STOPPED = 0
EXIT_NO_MODEL = 3

TICK_SECONDS = 0.1
TICKS_A_SWEEP = 10
LINGER_SECONDS = 1.0
LAST_MOMENT_SECONDS = 0.05
FINISH_SECONDS = 8.0
FINISH_STEP_SECONDS = 0.01
# For the sockets of workers, old and new, and for what the runtime opens.
SPARE_DESCRIPTORS = 64
MAX_CONNECTIONS = 10_000


class Server:
    """Everything in the front, put together."""

    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        self._listener = listener
        self._health = Health(settings.workers, monotonic)
        self._metrics = Metrics()
        self._models = Models(settings.model)
        self._pool = Pool(self._health, self._metrics)
        self._clients = Clients(
            self._routes(settings),
            Journal(self._metrics, sample=settings.log_sample, clock=monotonic),
            limit=_most_connections(settings.workers),
            clock=monotonic,
        )
        self._told = asyncio.Event()
        self._metrics.models = self._models.versions
        self._metrics.gauges = {
            ("serving_queue_requests", "Requests that wait for a worker."): lambda: len(self._pool.queue),
            ("serving_worker_requests", "Requests that workers have."): self._pool.in_flight,
            ("serving_workers_ready", "Workers that take requests."): self._pool.ready,
            ("serving_connections", "Connections of clients."): lambda: len(self._clients),
        }

    def _routes(self, settings: Settings) -> Routes:
        handlers = Handlers(pool=self._pool, health=self._health, models=self._models, metrics=self._metrics)
        routes = handlers.routes()
        if self._models.are_many:
            library = Library(models=self._models, pool=self._pool, budget=settings.memory)
            routes += ModelApi(library=library, models=self._models, pool=self._pool).routes()
        return Routes(routes)

    async def run(self) -> int:
        """Serves; returns the exit code."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._told.set)
        self._acceptor = Acceptor(self._listener, self._clients.connect, self._clients.has_room)
        keepers = [loop.create_task(self._keeper(place).keep()) for place in self._health.places]
        others = [loop.create_task(self._tick()), loop.create_task(self._told.wait())]
        done, _ = await asyncio.wait([*keepers, *others], return_when=asyncio.FIRST_COMPLETED)
        try:
            if self._told.is_set():
                await self._stop()
                return EXIT_STOPPED
            tell("critical", "model cannot be served", reason=done.pop().result())
            self._clients.stopping = True
            await self._finish()
            return EXIT_NO_MODEL
        finally:
            for task in (*keepers, *others):
                task.cancel()
            await asyncio.wait([*keepers, *others])

    def _keeper(self, place: Place) -> Keeper:
        return Keeper(place, pool=self._pool, models=self._models, health=self._health, metrics=self._metrics)

    async def _tick(self) -> None:
        trouble: str | None = LOADING
        for beat in count():
            await asyncio.sleep(TICK_SECONDS)
            self._pool.tick(monotonic())
            if beat % TICKS_A_SWEEP == 0:
                self._clients.sweep()
            if trouble != (trouble := self._health.trouble()):
                tell("warning" if trouble else "info", "unhealthy" if trouble else "healthy", reason=trouble)

    async def _stop(self) -> None:
        self._health.stopping = self._clients.stopping = True
        tell("info", "stopping", connections=len(self._clients))
        if self._pool.is_open:
            # Load balancers hear it from /ping, and send something else meanwhile.
            await asyncio.sleep(LINGER_SECONDS)
        await self._finish()
        tell("info", "stopped", unfinished=len(self._clients))

    async def _finish(self) -> None:
        """Answers everybody who is connected, and lets nobody new connect."""
        admit_no_more(self._listener)
        await asyncio.sleep(LAST_MOMENT_SECONDS)
        await self._acceptor.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                while not self._clients.finish():
                    await asyncio.sleep(FINISH_STEP_SECONDS)


def _most_connections(workers: int) -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(max(soft - SPARE_DESCRIPTORS - workers, 1), MAX_CONNECTIONS)
