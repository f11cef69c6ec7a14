"""A training job of two instances: two processes that connect on the loopback address."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from bundle import Manifest, read_directory
from local.processes.listener import free_ports
from tests.training.sagemaker.flights_file import write_flights
from tests.training.sagemaker.opt_ml import EXTRA_MODELS_PROGRAM, OptMl

TIMEOUT = 240
MODEL = {"model": "few_trees"}


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_flights(tmp_path_factory.mktemp("flights") / "flights.csv", days=150, a_day=90)


@pytest.fixture
def hosts() -> Sequence[str]:
    """Two free ports of this machine, as the names of two hosts."""
    return [f"127.0.0.1:{port}" for port in free_ports(2)]


def log_of(process: subprocess.Popen[str]) -> str:
    log, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, log
    return log


def manifest(ml: OptMl) -> Manifest:
    return read_directory(ml.base / "model").manifest


@pytest.mark.slow
@pytest.mark.usefixtures("extra_models")
def test_two_instances_train_one_model_of_the_quality_of_a_single_instance(
    tmp_path: Path, flights: Path, hosts: Sequence[str]
) -> None:
    # Given the same rows on one instance and on each of two instances
    channels = {"training": [flights]}
    alone = OptMl(tmp_path / "alone", hyperparameters=MODEL, channels=channels)
    first, second = (
        OptMl(tmp_path / str(rank), hyperparameters=MODEL, channels=channels, hosts=hosts, rank=rank)
        for rank in (0, 1)
    )

    # When they are trained
    together = [ml.start(EXTRA_MODELS_PROGRAM) for ml in (first, second)]
    code, log = alone.run()
    logs = [log_of(process) for process in together]

    # Then one of the two instances saves a bundle, with about the metrics of the single instance
    assert code == 0, log
    assert first.model == {"model.onnx", "manifest.json", "quantiles.onnx"}
    assert second.model == set()
    assert "done: the first host writes the bundle" in logs[1]
    of_one, of_two = manifest(alone).metrics.values, manifest(first).metrics.values
    assert of_two["roc_auc"] == pytest.approx(of_one["roc_auc"], abs=0.005)
    assert of_two["brier_score"] == pytest.approx(of_one["brier_score"], abs=0.005)
    # and another graph: the instances choose other bins, and fit once, on the training rows
    assert manifest(first).model_sha256 != manifest(alone).model_sha256
    assert "fitting again" in log
    assert "fitting again" not in "".join(logs)


def test_tuning_on_more_than_one_instance_is_refused(tmp_path: Path, hosts: Sequence[str]) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "flight_delay", "tune": "1"}, hosts=hosts)

    code, _ = ml.run()

    assert code == 1
    assert ml.failure == "Tuning runs on one instance: use either --tune or --instance-count, not both."
