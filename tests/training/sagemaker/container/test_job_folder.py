"""Reads the files of SageMaker's /opt/ml."""

from pathlib import Path
from typing import Any

import pytest

from bundle import read_directory
from tests.tiny_bundle import tiny_quantiles, write_tiny_bundle
from tests.training.sagemaker.opt_ml import OptMl
from training.sagemaker.container.job_folder import JobFolder
from training.sagemaker.errors import ContractError


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for file in paths:
        file.write_text("x\n")
    return paths


def test_a_channel_of_one_file_is_that_file(tmp_path: Path, files: list[Path]) -> None:
    ml = OptMl(tmp_path / "ml", hyperparameters={}, channels={"training": files[:1]})

    assert JobFolder(ml.base).data() == str(ml.base / "input" / "data" / "training" / "a.csv")


def test_a_channel_of_several_files_is_a_pattern_of_their_paths(tmp_path: Path, files: list[Path]) -> None:
    ml = OptMl(tmp_path / "ml", hyperparameters={}, channels={"training": files})

    assert JobFolder(ml.base).data() == str(ml.base / "input" / "data" / "training" / "*")


def test_files_in_a_folder_of_the_channel_are_found(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={}, channels={"training": []})
    subfolder = ml.base / "input" / "data" / "training" / "2018"
    subfolder.mkdir()
    for name in ("01.csv", "02.csv"):
        (subfolder / name).write_text("x\n")

    assert JobFolder(ml.base).data() == str(subfolder / "*")

    (subfolder.parent / "03.csv").write_text("x\n")
    with pytest.raises(ContractError, match="files in more than one folder"):
        JobFolder(ml.base).data()


def test_an_empty_channel_is_refused(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={}, channels={"training": []})

    with pytest.raises(ContractError, match=r"^The channel training is empty: use the S3 prefix"):
        JobFolder(ml.base).data()


def test_a_job_may_have_a_channel_of_weather(tmp_path: Path, files: list[Path]) -> None:
    ml = OptMl(tmp_path / "ml", hyperparameters={}, channels={"training": files, "weather": files[:1]})
    folder = JobFolder(ml.base)

    assert folder.data(("weather",)) == str(ml.base / "input" / "data" / "training" / "*")
    assert folder.files("weather") == str(ml.base / "input" / "data" / "weather" / "a.csv")
    assert folder.files("validation") is None


def test_a_channel_of_another_name_is_refused(tmp_path: Path, files: list[Path]) -> None:
    ml = OptMl(tmp_path / "ml", hyperparameters={}, channels={"training": files, "validation": files})

    with pytest.raises(ContractError, match="Unknown channel validation: use the one channel training"):
        JobFolder(ml.base).data()


def test_a_channel_in_pipe_mode_is_refused(tmp_path: Path) -> None:
    ml = OptMl(tmp_path, hyperparameters={})
    ml.write_config("inputdataconfig", {"training": {"TrainingInputMode": "Pipe"}})

    with pytest.raises(ContractError, match="input mode Pipe: use File or FastFile"):
        JobFolder(ml.base).data()


@pytest.mark.parametrize("content", [["model"], {"seed": 3}])
def test_hyperparameters_other_than_strings_are_refused(tmp_path: Path, content: object) -> None:
    ml = OptMl(tmp_path, hyperparameters={})
    ml.write_config("hyperparameters", content)

    with pytest.raises(ContractError, match=r"^hyperparameters.json is not in SageMaker's format: "):
        JobFolder(ml.base).hyperparameters()


def test_checkpoints_are_used_only_if_sagemaker_created_their_folder(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    assert folder.checkpoints is None

    (tmp_path / "checkpoints").mkdir()

    assert folder.checkpoints == tmp_path / "checkpoints"


@pytest.mark.parametrize("parts", [{}, {"quantiles": tiny_quantiles()}], ids=["one graph", "two graphs"])
def test_the_model_folder_has_the_whole_bundle(tmp_path: Path, parts: dict[str, Any]) -> None:
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz", **parts)
    folder = JobFolder(OptMl(tmp_path / "ml", hyperparameters={}).base)

    folder.save(tmp_path / "model.tar.gz")

    found = read_directory(folder.model)
    assert (found.manifest, found.model, found.quantiles) == (
        bundle.manifest,
        bundle.model,
        bundle.quantiles,
    )
    assert not (tmp_path / "model.tar.gz").exists()
