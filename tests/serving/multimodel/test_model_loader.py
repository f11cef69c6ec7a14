"""Model loader: loads in every worker within the memory budget, and leaves nothing of a failed load."""

import asyncio
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from serving.multimodel.model_loader import ModelLoader
from serving.problem import Problem
from serving.workers.channel import WorkerLostError
from serving.workers.loaded_models import LoadedModels
from serving.workers.protocol import ModelLoaded
from serving.workers.worker_process import ModelRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.workers.pool import Pool

SIZE = 1_000


class FakeWorker:
    """A worker that grows by `growth` bytes with each model, or raises `error`."""

    def __init__(self, *, ready: bool = True, growth: int = SIZE) -> None:
        self.channel = SimpleNamespace(ready=ready)
        self.models: set[str] = set()
        self.resident = 10_000
        self.growth = growth
        self.error: Exception | None = None
        self.code: int | None = 1
        self.loads: list[tuple[str, str]] = []
        self.loading: Callable[[], object] = lambda: None

    async def load(self, name: str, path: str) -> ModelLoaded:
        self.loads.append((name, path))
        self.loading()
        if self.error:
            raise self.error
        self.models.add(name)
        self.resident += self.growth
        return ModelLoaded("tiny", "c0ffee", b"{}", self.resident)

    async def unload(self, name: str) -> None:
        self.models.discard(name)
        self.resident -= self.growth

    async def exit_code(self) -> int | None:
        return self.code


class Setup:
    """A loader with fake workers; `path` is the folder of a bundle with a graph of SIZE bytes."""

    def __init__(self, tmp_path: Path, *workers: FakeWorker, budget: int = 1 << 30) -> None:
        self.path = str(tmp_path)
        (tmp_path / "model.onnx").write_bytes(b"\0" * SIZE)
        self.workers = workers
        self.models = LoadedModels(None)
        pool = SimpleNamespace(workers=dict(enumerate(workers)))
        self.loader = ModelLoader(models=self.models, pool=cast("Pool", pool), budget=budget)

    def load(self, name: str = "a") -> None:
        asyncio.run(self.loader.load(name, self.path))

    def refused(self, name: str = "a") -> Problem:
        with pytest.raises(Problem) as raised:
            self.load(name)
        return raised.value


def test_a_model_is_loaded_in_every_ready_worker(tmp_path: Path) -> None:
    starting = FakeWorker(ready=False)
    setup = Setup(tmp_path, FakeWorker(), FakeWorker(), starting)

    setup.load()

    assert [worker.loads for worker in setup.workers] == [[("a", setup.path)]] * 2 + [[]]
    assert [(name, entry.path) for name, entry in setup.models.missing(starting.models)] == [
        ("a", setup.path)
    ]
    assert setup.models.versions() == [("tiny", "c0ffee")]


def test_a_worker_that_becomes_ready_during_the_load_has_the_model_at_its_end(tmp_path: Path) -> None:
    first, starting = FakeWorker(), FakeWorker(ready=False)
    setup = Setup(tmp_path, first, starting)

    def get_ready() -> None:
        starting.channel.ready = True

    first.loading = get_ready
    setup.load()

    assert starting.models == {"a"}


def test_a_model_whose_file_is_over_the_budget_is_507_before_any_worker_loads_it(tmp_path: Path) -> None:
    setup = Setup(tmp_path, FakeWorker(), FakeWorker(), budget=2 * 10_000 + 2 * SIZE - 1)

    assert setup.refused().status == 507
    assert [worker.loads for worker in setup.workers] == [[], []]
    assert setup.models.entries == {}


def test_a_model_that_grows_over_the_budget_is_507_after_the_first_worker_and_is_unloaded(
    tmp_path: Path,
) -> None:
    first, second = FakeWorker(growth=5_000), FakeWorker(growth=5_000)
    setup = Setup(tmp_path, first, second, budget=29_999)

    assert setup.refused().status == 507
    assert (len(first.loads), second.loads) == (1, [])
    assert (first.models, first.resident) == (set(), 10_000)


def test_a_model_that_grows_over_the_budget_in_a_later_worker_is_507_and_is_unloaded(tmp_path: Path) -> None:
    first, second = FakeWorker(), FakeWorker(growth=9_000)
    setup = Setup(tmp_path, first, second, budget=25_000)

    assert setup.refused().status == 507
    assert [first.models, second.models] == [set(), set()]
    assert setup.models.entries == {}


def test_a_model_within_the_budget_is_loaded(tmp_path: Path) -> None:
    setup = Setup(tmp_path, FakeWorker(), FakeWorker(), budget=2 * 10_000 + 2 * SIZE)

    setup.load()

    assert setup.models.entries.keys() == {"a"}


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ModelRefusedError("It is not a bundle."), None, 500),
        (WorkerLostError(), 1, 500),
        (WorkerLostError(), -signal.SIGKILL, 507),
    ],
    ids=["refused", "crashed", "out of memory"],
)
def test_a_load_that_fails_in_a_worker_leaves_nothing(
    tmp_path: Path, error: Exception, code: int | None, status: int
) -> None:
    first, second = FakeWorker(), FakeWorker()
    second.error, second.code = error, code
    setup = Setup(tmp_path, first, second)

    problem = setup.refused()

    assert problem.status == status
    assert problem.detail.startswith("Model 'a' cannot be served: ")
    assert (first.models, setup.models.entries) == (set(), {})


def test_a_load_without_a_ready_worker_is_503_and_a_second_load_409(tmp_path: Path) -> None:
    assert Setup(tmp_path, FakeWorker(ready=False)).refused().status == 503

    setup = Setup(tmp_path, FakeWorker())
    setup.load()
    assert setup.refused().status == 409


def test_an_unloaded_model_is_removed_from_every_worker_and_unknown_afterwards(tmp_path: Path) -> None:
    setup = Setup(tmp_path, FakeWorker(), FakeWorker())
    setup.load()

    asyncio.run(setup.loader.unload("a"))

    assert [worker.models for worker in setup.workers] == [set(), set()]
    with pytest.raises(Problem) as raised:
        asyncio.run(setup.loader.unload("a"))
    assert raised.value.status == 404


def test_models_are_loaded_one_after_the_other(tmp_path: Path) -> None:
    worker = FakeWorker()
    setup = Setup(tmp_path, worker)
    second_entered: list[bool] = []

    async def case() -> None:
        entered, go_on = asyncio.Event(), asyncio.Event()
        load = worker.load

        async def slow(name: str, path: str) -> ModelLoaded:
            entered.set()
            await go_on.wait()
            return await load(name, path)

        worker.load = slow  # type: ignore[method-assign]
        first = asyncio.ensure_future(setup.loader.load("a", setup.path))
        await entered.wait()
        entered.clear()
        second = asyncio.ensure_future(setup.loader.load("b", setup.path))
        for _ in range(5):
            await asyncio.sleep(0)
        second_entered.append(entered.is_set())
        go_on.set()
        await asyncio.gather(first, second)

    asyncio.run(case())
    assert second_entered == [False]
    assert worker.models == {"a", "b"}
