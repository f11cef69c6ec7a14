"""The program of the training image, with a folder in place of /opt/ml."""

import gzip
import io
import json
import re
import signal
import tarfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from bundle import Manifest, read_archive, read_directory
from tests.training.sagemaker.opt_ml import EXTRA_MODELS_PROGRAM, OptMl, read_until
from training.model_catalog import load_model
from training.sagemaker.container import training_job
from training.sagemaker.metrics import metric_definitions

SIGTERM_GRACE = 120


def pack(folder: Path) -> bytes:
    """Packs a folder in SageMaker's format: the bytes differ each time, the files are the same."""
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for path in folder.iterdir():
            tar.add(path, arcname=path.name)
    return packed.getvalue()


@dataclass(frozen=True)
class FinishedJob:
    """A job that ran as a process, and its log."""

    ml: OptMl
    log: str

    @property
    def manifest(self) -> Manifest:
        return read_directory(self.ml.base / "model").manifest


@pytest.fixture(scope="module")
def iris_job(tmp_path_factory: pytest.TempPathFactory) -> FinishedJob:
    ml = OptMl(tmp_path_factory.mktemp("iris") / "ml", hyperparameters={"model": "iris", "seed": "3"})
    process = ml.start()
    log, _ = process.communicate(timeout=300)
    assert process.returncode == 0, log
    return FinishedJob(ml, log)


@pytest.mark.slow
def test_sagemakers_archive_of_the_model_folder_is_a_bundle(iris_job: FinishedJob, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(pack(iris_job.ml.base / "model"))

    bundle = read_archive(tmp_path / "model.tar.gz")

    assert bundle.manifest == iris_job.manifest
    assert bundle.manifest.name == "iris"


@pytest.mark.slow
def test_a_job_writes_its_report_beside_the_model_and_its_metrics_to_the_log(iris_job: FinishedJob) -> None:
    results = iris_job.ml.base / "output" / "data"

    report = json.loads((results / "report.json").read_text())

    assert report["metrics"] == iris_job.manifest.metrics.values
    definitions = metric_definitions(load_model("iris"))
    assert {one["name"]: float(re.findall(one["regex"], iris_job.log)[-1]) for one in definitions} == {
        one["name"]: pytest.approx(report["metrics"][one["name"]], rel=1e-4) for one in definitions
    }
    assert not (results / "model.tar.gz").exists()
    assert iris_job.ml.failure == ""


@pytest.mark.slow
def test_without_configuration_of_hosts_and_channels_one_host_trains_on_the_sample(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris"})
    for name in ("inputdataconfig", "resourceconfig"):
        (ml.base / "input" / "config" / f"{name}.json").unlink()

    code, log = ml.run()

    assert code == 0, log
    assert ml.model == {"model.onnx", "manifest.json"}


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({}, "The hyperparameters are invalid: "),
        ({"model": "tulip"}, "The hyperparameters are invalid: .*'tulip'"),
        ({"model": "iris", "seed": "one"}, "The hyperparameters are invalid: hyperparameter seed: .*'one'"),
        ({"model": "iris", "seed": "-1"}, "The hyperparameters are invalid: .*-1.* from 0 to 4294967295"),
        (
            {"model": "iris", "out": "/"},
            "Unknown hyperparameter 'out': use model, data, weather, seed, tune.",
        ),
        ({"model": "iris", "data": "bts:1"}, ".*'bts:1'"),
    ],
)
def test_an_invalid_hyperparameter_is_the_reason_of_the_failure(
    tmp_path: Path, hyperparameters: dict[str, str], reason: str
) -> None:
    ml = OptMl(tmp_path, hyperparameters=hyperparameters)

    code, log = ml.run()

    assert (code, ml.model) == (1, set())
    assert re.match(reason, ml.failure)
    assert log.splitlines()[-1] == ml.failure
    assert "Traceback" not in log


def test_an_unexpected_error_is_in_the_failure_and_its_traceback_in_the_log(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris"})
    # A file in place of a folder that SageMaker creates.
    (ml.base / "output" / "data").write_text("a file")

    code, log = ml.run()

    assert code == 1
    assert ml.failure.startswith("The training program failed with FileExistsError: ")
    assert "Traceback" in log


def test_a_failure_has_at_most_the_characters_that_sagemaker_shows(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris", "data": "x" * 5000})

    assert ml.run()[0] == 1

    assert len(ml.failure) == 1024


@pytest.mark.parametrize("arguments", [("serve",), ("train", "now")])
def test_other_arguments_than_train_get_the_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ml = OptMl(tmp_path, hyperparameters={})

    assert ml.run(*arguments) == (2, "usage: python -m training.sagemaker train\n")


@pytest.mark.slow
def test_sigterm_ends_a_fit_and_saves_its_model(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "endless"})
    process = ml.start(EXTRA_MODELS_PROGRAM)
    assert process.stdout

    read_until(process.stdout, "round 2,")
    process.send_signal(signal.SIGTERM)
    log, _ = process.communicate(timeout=SIGTERM_GRACE)

    assert process.returncode == 0, log
    assert ml.model == {"model.onnx", "manifest.json"}


def test_sigterm_before_a_model_exists_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris"})
    monkeypatch.setattr(training_job, "load_model", lambda _name: signal.raise_signal(signal.SIGTERM))

    code, _ = ml.run()

    assert code == 1
    assert (ml.failure, ml.model) == ("The job was stopped before there was a model to save.", set())


@pytest.mark.slow
def test_a_job_continues_from_the_checkpoint_of_an_interrupted_one(
    tmp_path: Path, endless: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a job that was killed after its third round
    ml = OptMl(tmp_path, hyperparameters={"model": "endless"})
    (ml.base / "checkpoints").mkdir()

    def kill(done: int) -> None:
        if done == 3:
            raise SystemExit

    monkeypatch.setattr(endless, "after_round", kill)
    with pytest.raises(SystemExit):
        ml.run()

    # When it is started again, and stopped after two rounds
    def stop(done: int) -> None:
        if done == 4:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(endless, "after_round", stop)
    code, log = ml.run()

    # Then it begins at the last round of the first run
    assert code == 0, log
    assert [line for line in log.splitlines() if line.startswith("round")] == [
        "round 4, begun at 3",
        "round 5, begun at 3",
    ]
    assert ml.model == {"model.onnx", "manifest.json"}
