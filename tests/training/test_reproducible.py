import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.export.onnx_export import export
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model_catalog import load_model

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_two_processes_write_identical_archives(tmp_path: Path) -> None:
    for name, hash_seed in (("one", "1"), ("two", "2")):
        # One process for both models, because its imports take seconds.
        subprocess.run(
            [sys.executable, "-m", "tests.training.train_two_models", str(tmp_path / name), "7"],
            cwd=ROOT,
            env={"PATH": "", "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            timeout=240,
        )

    for model in ("flight_delay", "iris"):
        one, two = ((tmp_path / name / model / "model.tar.gz").read_bytes() for name in ("one", "two"))
        assert one == two


def test_another_seed_gives_another_model() -> None:
    iris = load_model("iris")
    data = iris.read(DataOptions())

    graphs = {
        export(fit(iris, iris.split(data, seed).train, Plan(seed=seed)).pipeline, iris.columns)
        for seed in (0, 1)
    }

    assert len(graphs) == 2


@pytest.mark.slow
def test_the_labels_of_the_test_rows_do_not_change_the_model(some_flights: Dataset) -> None:
    # Given the same flights with every label of the last fifth inverted
    model = load_model("flight_delay")
    start = len(model.split(some_flights, 0).train)
    inverted = some_flights.target.copy()
    inverted[start:] = 1 - inverted[start:]

    # When a model is fitted on the training part of each
    datasets = (some_flights, replace(some_flights, target=inverted))
    graphs = {export(fit(model, model.split(d, 0).train, Plan()).pipeline, model.columns) for d in datasets}

    # Then both models are identical
    assert len(graphs) == 1
