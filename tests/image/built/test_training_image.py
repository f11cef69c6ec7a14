"""Training image; its build trains the smallest model, so that a built image can train."""

from collections.abc import Callable
from typing import Any

from image.builder import Builder
from tests.image.built.conftest import BUILT

GIGABYTE = 1e9


def test_sagemaker_accepts_its_platform(training: dict[str, Any], record: Callable[[str, Any], None]) -> None:
    record("image-training", training)
    assert (training["name"], training["platform"]) == ("train", "linux/amd64")
    assert training["size"] < 2 * GIGABYTE


def test_its_entry_point_is_the_program_of_a_training_job(training: dict[str, Any]) -> None:
    builder = Builder.find(training["builder"], storage=BUILT / "storage")

    inspected = builder.inspect(training["id"].removeprefix("sha256:"))

    assert inspected is not None
    config = inspected["Docker"]["config"] if builder.name == "buildah" else inspected["Config"]
    assert config["Entrypoint"] == ["/opt/venv/bin/python", "-m", "training.sagemaker"]
    assert config["Cmd"] == ["train"]
