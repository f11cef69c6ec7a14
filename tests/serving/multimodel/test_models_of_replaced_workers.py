"""Models of a worker that replaces another, which are unloaded or loaded again while it starts."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

import pytest

from serving.http.metrics import ServerMetrics
from serving.workers.health import WorkerHealth
from serving.workers.loaded_models import LoadedModels
from serving.workers.pool import Pool
from serving.workers.protocol import ModelLoaded
from serving.workers.supervisor import Supervisor
from serving.workers.worker_process import ModelRefusedError
from tests.serving.clock import FakeClock
from tests.serving.workers.pool_setup import FakeChannel

if TYPE_CHECKING:
    from serving.workers.worker_process import WorkerProcess

OLD, NEW = "/models/old", "/models/new"
LOADED = ModelLoaded("tiny", "c0ffee", b"{}", 1)


class StartingWorker:
    """A worker whose load is under way until the test ends it.

    Attributes:
        folders: The folder of each model that it holds.
        entered: Set when a load has begun.
        go_on: Ends the load when it is set.
        error: Error of the load.
    """

    pid = 7

    def __init__(self, pool: Pool) -> None:
        self.channel = FakeChannel(pool)
        self.folders: dict[str, str] = {}
        self.entered, self.go_on = asyncio.Event(), asyncio.Event()
        self.error: Exception | None = None

    @property
    def models(self) -> set[str]:
        return set(self.folders)

    async def load(self, name: str, path: str, *, transform: bool) -> ModelLoaded:
        assert not transform
        self.entered.set()
        await self.go_on.wait()
        if self.error:
            raise self.error
        self.folders[name] = path
        return LOADED

    async def unload(self, name: str) -> None:
        del self.folders[name]

    async def self_test(self) -> None:
        return None


class Setup:
    """A supervisor, its worker, and the registry of models with one model."""

    def __init__(self) -> None:
        clock, metrics = FakeClock(), ServerMetrics()
        health = WorkerHealth(1, clock)
        self.pool = Pool(health, metrics, clock)
        self.models = LoadedModels(None)
        self.models.add("a", OLD, LOADED)
        self.worker = StartingWorker(self.pool)
        self._supervisor = Supervisor(
            health.slots[0], pool=self.pool, models=self.models, health=health, metrics=metrics
        )

    async def start(self) -> None:
        """Loads the missing models and tests them, as it is done every two seconds."""
        await self._supervisor._load_and_test(cast("WorkerProcess", self.worker))

    async def change_during_the_load(self, change: Callable[[], object]) -> None:
        starting = asyncio.ensure_future(self.start())
        await self.worker.entered.wait()
        change()
        self.worker.go_on.set()
        await starting


def run(case: Callable[[Setup], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        await case(Setup())

    asyncio.run(main())


def load_again(models: LoadedModels) -> None:
    models.remove("a")
    models.add("a", NEW, LOADED)


def test_a_model_that_is_unloaded_meanwhile_is_not_held() -> None:
    async def case(setup: Setup) -> None:
        await setup.change_during_the_load(lambda: setup.models.remove("a"))

        assert (setup.worker.folders, setup.worker.channel.ready) == ({}, True)

    run(case)


def test_a_model_that_is_loaded_again_meanwhile_is_served_from_its_new_folder_only() -> None:
    async def case(setup: Setup) -> None:
        await setup.change_during_the_load(lambda: load_again(setup.models))
        assert (setup.worker.folders, setup.worker.channel.ready) == ({}, False)

        await setup.start()

        assert (setup.worker.folders, setup.worker.channel.ready) == ({"a": NEW}, True)

    run(case)


def test_a_refusal_of_the_old_folder_does_not_drop_the_new_one(caplog: pytest.LogCaptureFixture) -> None:
    async def case(setup: Setup) -> None:
        setup.worker.error = ModelRefusedError("There is no such folder.")
        await setup.change_during_the_load(lambda: load_again(setup.models))

        assert setup.models.entries["a"].path == NEW
        assert "model dropped" not in caplog.messages

    run(case)


def test_a_reply_about_the_same_addition_keeps_the_model() -> None:
    async def case(setup: Setup) -> None:
        await setup.change_during_the_load(lambda: setup.models.record_loaded("a", LOADED))

        assert (setup.worker.folders, setup.worker.channel.ready) == ({"a": OLD}, True)

    run(case)
