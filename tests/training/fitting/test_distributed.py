import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import lightgbm
import pytest
from sklearn.metrics import roc_auc_score

from local.processes.listener import free_ports
from tests.training.features.generated_rows import (
    boosting,
    data_frame,
    days,
    features,
    generated_rows,
    pipeline,
)
from tests.training.fitting.fit_distributed import ROWS
from training.errors import TrainingError
from training.fit_plan import Cluster, Plan, never
from training.fitting import distributed
from training.fitting.distributed import LOST_SECONDS, STOP_SECONDS, Watchdog

ROOT = Path(__file__).parents[3]
CLUSTER = Cluster(machines=("one:1", "two:2"), rank=0)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the trees of two processes as machines: of a complete fit and of a stopped fit."""
    folder = tmp_path_factory.mktemp("trees")
    ports = [f"localhost:{port}" for port in free_ports(4)]
    program = [sys.executable, "-m", "tests.training.fitting.fit_distributed"]
    processes = [
        subprocess.Popen(
            [*program, str(rank), str(folder), ",".join(ports[:2]), ",".join(ports[2:])],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for rank in (0, 1)
    ]
    logs = [process.communicate(timeout=300)[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], logs
    return folder


@pytest.mark.slow
def test_two_machines_fit_one_model_of_the_quality_of_a_single_machine(trees: Path) -> None:
    one, two = (
        trees.joinpath(name).read_text().split("parameters:")[0] for name in ("complete-0", "complete-1")
    )
    rows, new_rows = generated_rows(ROWS), generated_rows(ROWS, seed=1)
    single = pipeline(Plan(calibrated=False)).fit(data_frame(rows), rows.target, dates=days(rows))
    matrix = single["features"].transform(data_frame(new_rows))
    distributed_scores = lightgbm.Booster(model_file=str(trees / "complete-0")).predict(matrix)

    assert one == two
    auc = roc_auc_score(new_rows.target, single["boosting"].log_odds(matrix))
    assert roc_auc_score(new_rows.target, distributed_scores) == pytest.approx(auc, abs=0.005)


@pytest.mark.slow
def test_a_stopping_machine_does_not_wait_for_a_stopped_machine(trees: Path) -> None:
    one, two = (lightgbm.Booster(model_file=str(trees / f"stopped-{rank}")).num_trees() for rank in (0, 1))

    assert (one, two) == (6, 6)


def test_the_error_names_a_machine_without_an_address() -> None:
    rows = generated_rows()
    matrix = features().fit_transform(data_frame(rows), rows.target, dates=days(rows))
    plan = Plan(cluster=Cluster(machines=("localhost:1", "nowhere.invalid:2"), rank=0))

    with pytest.raises(TrainingError, match=r"'nowhere\.invalid' has no address"):
        boosting(plan).fit(matrix, rows.target)


class Clock:
    """A clock that only the test advances."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(distributed, "JOIN_SECONDS", 0.001)
    return Clock()


@pytest.fixture
def never_set() -> Iterator[threading.Event]:
    """An event that blocks a fit until the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def test_a_fit_without_progress_fails_after_its_time_limit(clock: Clock, never_set: threading.Event) -> None:
    watchdog = Watchdog(CLUSTER, never, clock=clock)
    clock.seconds = LOST_SECONDS + 1

    with pytest.raises(
        TrainingError, match=r"one:1, two:2 lost each other \(no round was finished for 300 s"
    ):
        watchdog.run(never_set.wait)


def test_a_stopped_machine_abandons_a_fit_without_progress(clock: Clock, never_set: threading.Event) -> None:
    watchdog = Watchdog(CLUSTER, lambda: True, clock=clock)
    clock.seconds = STOP_SECONDS + 1

    assert not watchdog.run(never_set.wait)


def test_progress_restarts_the_time_limit(clock: Clock) -> None:
    watchdog = Watchdog(CLUSTER, never, clock=clock)
    clock.seconds = LOST_SECONDS + 1
    watchdog.reset()

    assert watchdog.run(lambda: None)


def test_an_error_of_the_fit_names_the_machines(clock: Clock) -> None:
    def failing_fit() -> None:
        raise ValueError("connection refused")

    with pytest.raises(TrainingError, match=r"one:1, two:2 lost each other \(connection refused\)"):
        Watchdog(CLUSTER, never, clock=clock).run(failing_fit)
