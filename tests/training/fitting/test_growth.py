import socket
import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.conftest import ROOT
from tests.training.features.made import boosting, days, features, made, made_frame, pipeline
from training.errors import TrainingError
from training.fitting.boosting import Boosting
from training.plan import Cluster, Plan

ROUNDS = 30


def grown(plan: Plan) -> Boosting:
    rows = made()
    matrix = features().fit_transform(made_frame(rows), rows.target, dates=days(rows))
    return boosting(plan).fit(matrix, rows.target)


class After:
    """True once it was asked so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self) -> bool:
        self.times -= 1
        return self.times < 0


def trees(model: Boosting) -> str:
    # Behind the trees stand the parameters, with what was told of this fit alone.
    return str(model.booster_.model_to_string().split("parameters:")[0])


def test_a_fit_that_is_to_stop_ends_with_the_trees_it_has() -> None:
    stopped = grown(Plan(stopping=After(11)))

    assert stopped.booster_.current_iteration() == 12
    assert (
        trees(stopped).split("Tree=11")[0].split("Tree=0")[1]
        == (trees(grown(Plan())).split("Tree=11")[0].split("Tree=0")[1])
    )


def test_a_fit_taken_up_again_ends_as_one_never_interrupted(tmp_path: Path) -> None:
    whole = grown(Plan())
    grown(Plan(checkpoint=tmp_path, stopping=After(16)))

    seen: list[int] = []
    resumed = grown(Plan(checkpoint=tmp_path, watch=seen.append))

    assert seen == list(range(18, ROUNDS + 1))
    matrix = features().fit_transform(made_frame(made()), made().target, dates=days(made()))
    np.testing.assert_allclose(resumed.log_odds(matrix), whole.log_odds(matrix), atol=1e-12)


def test_trees_of_other_rows_are_not_gone_on_from(tmp_path: Path) -> None:
    grown(Plan(checkpoint=tmp_path))
    seen: list[int] = []

    grown(Plan(checkpoint=tmp_path, seed=1, watch=seen.append))

    assert seen == list(range(1, ROUNDS + 1))


def test_a_finished_checkpoint_is_not_grown_further(tmp_path: Path) -> None:
    first = grown(Plan(checkpoint=tmp_path))
    seen: list[int] = []

    again = grown(Plan(checkpoint=tmp_path, watch=seen.append))

    assert seen == []
    assert trees(again) == trees(first)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def grow_together(folder: Path, rounds: tuple[int, int]) -> list[Path]:
    """Two processes that stand for machines, and the files of their trees."""
    machines = ",".join(f"localhost:{port}" for port in free_ports(2))
    outs = [folder / name for name in ("one", "two")]
    arguments = [[str(rank), machines, str(outs[rank]), str(rounds[rank])] for rank in (0, 1)]
    program = [sys.executable, "-m", "tests.training.fitting.grow_together"]
    processes = [
        subprocess.Popen([*program, *own], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for own in arguments
    ]
    said = [process.communicate(timeout=120)[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    return outs


def test_two_machines_grow_one_model_as_good_as_that_of_one(tmp_path: Path) -> None:
    # When two machines fit together
    outs = grow_together(tmp_path, (ROUNDS + 1, ROUNDS + 1))

    # Then both end with the same trees, as good as those of one machine
    one, two = (out.read_text().split("parameters:")[0] for out in outs)
    assert one == two
    rows, asked = made(20_000), made(20_000, seed=1)
    alone = pipeline(Plan()).fit(made_frame(rows), rows.target, dates=days(rows))
    matrix = alone["features"].transform(made_frame(asked))
    together = lightgbm.Booster(model_file=str(outs[0])).predict(matrix)
    auc = roc_auc_score(asked.target, alone["boosting"].log_odds(matrix))
    assert roc_auc_score(asked.target, together) == pytest.approx(auc, abs=0.005)


def test_a_machine_told_to_stop_does_not_wait_for_one_that_has_stopped(tmp_path: Path) -> None:
    # When one machine stops before a round that the other one begins, and is told to stop in
    outs = grow_together(tmp_path, (5, 6))

    # Then both end, with the rounds they did together
    one, two = (lightgbm.Booster(model_file=str(out)).num_trees() for out in outs)
    assert (one, two) == (6, 6)


def test_a_machine_that_cannot_be_found_is_named() -> None:
    plan = Plan(cluster=Cluster(machines=("localhost:1", "nowhere.invalid:2"), rank=0))

    with pytest.raises(TrainingError, match=r"'nowhere\.invalid' has no address"):
        grown(plan)
