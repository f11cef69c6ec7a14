import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import lightgbm
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.features.made import boosting, days, features, made, made_frame, pipeline
from tests.training.fitting.fit_distributed import ROWS
from training.errors import TrainingError
from training.fitting import distributed
from training.fitting.distributed import LOST_SECONDS, STOP_SECONDS, Watchdog
from training.plan import Cluster, Plan, never

ROOT = Path(__file__).parents[3]
CLUSTER = Cluster(machines=("one:1", "two:2"), rank=0)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the trees of two processes that stand for machines: of a whole fit and of a stopped one."""
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
    printed = [process.communicate(timeout=300)[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], printed
    return folder


def test_two_machines_fit_one_model_as_good_as_that_of_one(trees: Path) -> None:
    one, two = (trees.joinpath(name).read_text().split("parameters:")[0] for name in ("whole-0", "whole-1"))
    rows, asked = made(ROWS), made(ROWS, seed=1)
    alone = pipeline(Plan(calibrated=False)).fit(made_frame(rows), rows.target, dates=days(rows))
    matrix = alone["features"].transform(made_frame(asked))
    together = lightgbm.Booster(model_file=str(trees / "whole-0")).predict(matrix)

    assert one == two
    auc = roc_auc_score(asked.target, alone["boosting"].log_odds(matrix))
    assert roc_auc_score(asked.target, together) == pytest.approx(auc, abs=0.005)


def test_a_machine_told_to_stop_does_not_wait_for_one_that_has_stopped(trees: Path) -> None:
    one, two = (lightgbm.Booster(model_file=str(trees / f"stopped-{rank}")).num_trees() for rank in (0, 1))

    assert (one, two) == (6, 6)


def test_a_machine_without_an_address_is_named() -> None:
    rows = made()
    matrix = features().fit_transform(made_frame(rows), rows.target, dates=days(rows))
    plan = Plan(cluster=Cluster(machines=("localhost:1", "nowhere.invalid:2"), rank=0))

    with pytest.raises(TrainingError, match=r"'nowhere\.invalid' has no address"):
        boosting(plan).fit(matrix, rows.target)


class Clock:
    """A clock that only the test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(distributed, "JOIN_SECONDS", 0.001)
    return Clock()


@pytest.fixture
def stuck() -> Iterator[threading.Event]:
    """What a stuck fit waits for."""
    event = threading.Event()
    yield event
    event.set()


def test_a_fit_without_progress_is_lost_after_its_time(clock: Clock, stuck: threading.Event) -> None:
    watchdog = Watchdog(CLUSTER, never, clock=clock)
    clock.seconds = LOST_SECONDS + 1

    with pytest.raises(
        TrainingError, match=r"one:1, two:2 lost each other \(no round was finished for 300 s"
    ):
        watchdog.run(stuck.wait)


def test_a_stopped_machine_abandons_a_fit_without_progress(clock: Clock, stuck: threading.Event) -> None:
    watchdog = Watchdog(CLUSTER, lambda: True, clock=clock)
    clock.seconds = STOP_SECONDS + 1

    assert not watchdog.run(stuck.wait)


def test_progress_starts_the_time_again(clock: Clock) -> None:
    watchdog = Watchdog(CLUSTER, never, clock=clock)
    clock.seconds = LOST_SECONDS + 1
    watchdog.reset()

    assert watchdog.run(lambda: None)


def test_an_error_of_the_work_is_raised_with_the_machines(clock: Clock) -> None:
    def work() -> None:
        raise ValueError("connection refused")

    with pytest.raises(TrainingError, match=r"one:1, two:2 lost each other \(connection refused\)"):
        Watchdog(CLUSTER, never, clock=clock).run(work)
