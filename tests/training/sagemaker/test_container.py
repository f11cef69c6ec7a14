"""The program of the training image, run as SageMaker runs it over an /opt/ml."""

import gzip
import io
import json
import re
import signal
import tarfile
from pathlib import Path

import pytest

from bundle import read_archive, read_directory
from tests.training.sagemaker.opt_ml import PATIENT, OptMl, read_until
from training.catalog import load_model, model_names
from training.sagemaker.metrics import definitions

SIGTERM_GRACE = 120
MODELS = " or ".join(model_names())


def pack(folder: Path) -> bytes:
    """A folder as SageMaker packs it: other bytes each time, the same files."""
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for path in folder.iterdir():
            tar.add(path, arcname=path.name)
    return packed.getvalue()


def test_a_job_leaves_a_bundle_that_sagemaker_packs_into_one_that_can_be_read(tmp_path: Path) -> None:
    ml = OptMl(tmp_path / "ml", hyperparameters={"model": "iris", "seed": "3"})

    code, log = ml.run()

    assert code == 0, log
    (tmp_path / "model.tar.gz").write_bytes(pack(ml.base / "model"))
    bundle = read_archive(tmp_path / "model.tar.gz")
    assert bundle.manifest == read_directory(ml.base / "model").manifest
    assert bundle.manifest.name == "iris"


def test_a_job_leaves_its_report_beside_the_model_and_its_figures_in_the_log(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris"})

    code, log = ml.run()

    assert code == 0, log
    report = json.loads((ml.base / "output" / "data" / "report.json").read_text())
    assert report["metrics"] == read_directory(ml.base / "model").manifest.metrics.values
    told = "\n".join(log.splitlines())
    defined = definitions(load_model("iris"))
    assert {one["name"]: float(re.findall(one["regex"], told)[-1]) for one in defined} == {
        one["name"]: pytest.approx(report["metrics"][one["name"]], rel=1e-4) for one in defined
    }
    assert not (ml.base / "output" / "data" / "model.tar.gz").exists()
    assert ml.failure == ""


def test_without_a_word_of_hosts_and_channels_it_is_alone_with_the_sample(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris"})
    for name in ("inputdataconfig", "resourceconfig"):
        (ml.base / "input" / "config" / f"{name}.json").unlink()

    code, log = ml.run()

    assert code == 0, log
    assert ml.model == {"model.onnx", "manifest.json"}


@pytest.mark.parametrize(
    ("hyperparameters", "sentence"),
    [
        ({}, f"The hyperparameters cannot be used: no model is named: choose {MODELS}."),
        (
            {"model": "tulip"},
            f"The hyperparameters cannot be used: there is no model 'tulip': choose {MODELS}.",
        ),
        (
            {"model": "iris", "seed": "one"},
            "The hyperparameters cannot be used: hyperparameter seed: invalid int value: 'one'.",
        ),
        (
            {"model": "iris", "seed": "-1"},
            "The hyperparameters cannot be used: the seed -1 is not a whole number from 0 to 4294967295.",
        ),
        (
            {"model": "iris", "out": "/"},
            "There is no hyperparameter 'out': there are model, data, seed, tune.",
        ),
        ({"model": "iris", "data": "bts:1"}, "This model has no data 'bts:1': it has its sample only."),
    ],
)
def test_what_is_wrong_becomes_the_reason_of_the_failure(
    tmp_path: Path, hyperparameters: dict[str, str], sentence: str
) -> None:
    ml = OptMl(tmp_path, hyperparameters=hyperparameters)

    code, log = ml.run()

    assert (code, ml.failure, ml.model) == (1, sentence, set())
    assert log.splitlines()[-1] == sentence
    assert "Traceback" not in log


def test_a_broken_program_says_so_in_a_sentence_and_where_in_its_log(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris"})
    # What SageMaker makes a folder of
    (ml.base / "output" / "data").write_text("a file")

    code, log = ml.run()

    assert code == 1
    assert ml.failure.startswith("The training program broke, its log says where: FileExistsError: ")
    assert "Traceback" in log


def test_a_failure_is_no_longer_than_sagemaker_shows(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "iris", "data": "x" * 5000})

    assert ml.run()[0] == 1

    assert len(ml.failure) == 1024


@pytest.mark.parametrize("words", [("serve",), ("train", "now")])
def test_another_argument_than_train_is_answered_with_the_usage(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ml = OptMl(tmp_path, hyperparameters={})

    assert ml.run(*words) == (2, "usage: python -m training.sagemaker train\n")


def test_sigterm_ends_a_fit_and_saves_what_it_has(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "patient"})
    process = ml.start(program=PATIENT)
    assert process.stdout

    read_until(process.stdout, "round 2,")
    process.send_signal(signal.SIGTERM)
    log, _ = process.communicate(timeout=SIGTERM_GRACE)

    assert process.returncode == 0, log
    assert ml.model == {"model.onnx", "manifest.json"}


def test_sigterm_before_there_is_anything_to_save_is_a_failure(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={"model": "patient"})
    process = ml.start(program=PATIENT)
    assert process.stdout

    read_until(process.stdout, "loading the model")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SIGTERM_GRACE)

    assert process.returncode == 1
    assert (ml.failure, ml.model) == ("The job was stopped before there was a model to save.", set())


def test_a_job_goes_on_from_the_checkpoint_of_one_that_was_killed(tmp_path: Path) -> None:
    # Given a job on a spot instance that is taken away
    ml = OptMl(tmp_path, hyperparameters={"model": "patient"})
    (ml.base / "checkpoints").mkdir()
    killed = ml.start(program=PATIENT)
    assert killed.stdout
    read_until(killed.stdout, "round 3,")
    killed.kill()
    killed.communicate()
    done = int((ml.base / "checkpoints" / "rounds").read_text())

    # When it is started anew
    again = ml.start(program=PATIENT)
    assert again.stdout
    read_until(again.stdout, f"round {done + 2}, begun at {done}")
    again.send_signal(signal.SIGTERM)

    # Then it begins where the first ended
    log, _ = again.communicate(timeout=SIGTERM_GRACE)
    assert again.returncode == 0, log
    assert done >= 2
