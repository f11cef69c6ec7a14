import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from training.catalog import load_model
from training.data.dataset import Dataset
from training.data.request import DataRequest
from training.export.onnx_export import export
from training.fitting.fit import fit
from training.plan import Plan

ROOT = Path(__file__).parents[2]


def archive(module: str, *arguments: str, hash_seed: str) -> None:
    subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={"PATH": "", "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("module", "before", "seed"),
    [("training", ["iris", "--out"], "--seed=7"), ("tests.training.train_some_flights", [], "7")],
    ids=["iris", "flight_delay"],
)
def test_two_processes_make_the_same_archive(
    module: str, before: list[str], seed: str, tmp_path: Path
) -> None:
    for name, hash_seed in (("one", "1"), ("two", "2")):
        archive(module, *before, str(tmp_path / name), seed, hash_seed=hash_seed)

    one, two = ((tmp_path / name / "model.tar.gz").read_bytes() for name in ("one", "two"))
    assert one == two


def test_another_seed_makes_another_model() -> None:
    iris = load_model("iris")
    data = iris.read(DataRequest())

    graphs = {
        export(fit(iris, iris.split(data, seed).train, Plan(seed=seed)).pipeline, iris.columns)
        for seed in (0, 1)
    }

    assert len(graphs) == 2


def test_what_happens_in_the_test_rows_changes_nothing_learned(some_flights: Dataset) -> None:
    # Given the same flights with every outcome of the last fifth turned round
    model = load_model("flight_delay")
    start = len(model.split(some_flights, 0).train)
    turned = some_flights.target.copy()
    turned[start:] = 1 - turned[start:]

    # When a model is fitted on the training part of each
    datasets = (some_flights, replace(some_flights, target=turned))
    graphs = {export(fit(model, model.split(d, 0).train, Plan()).pipeline, model.columns) for d in datasets}

    # Then it is the same model
    assert len(graphs) == 1
