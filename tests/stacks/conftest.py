"""Synthesized stacks, shared by all workers of a test run."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tiny_bundle import write_tiny_bundle, write_tiny_report

if TYPE_CHECKING:
    from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundles of the models tiny and other_tiny, and the report of tiny."""
    base = tmp_path_factory.getbasetemp()
    # pytest-xdist gives each worker its own folder in the folder of the run.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "stacks"
    folder.mkdir(exist_ok=True)
    from tests.stacks.support.synthesis import lock

    with lock(folder / "bundles.lock"):
        for weight, name in enumerate(("tiny", "other_tiny"), start=1):
            if not (folder / f"{name}.tar.gz").exists():
                write_tiny_bundle(folder / f"{name}.tar.gz", name=name, weight=weight)
        # Another worker may read it already.
        if not (folder / "report.html").exists():
            write_tiny_report(folder / "tiny.tar.gz")
    return folder


@pytest.fixture(scope="session")
def bundle(folder: Path) -> Path:
    """The bundle of the model tiny."""
    return folder / "tiny.tar.gz"


@pytest.fixture(scope="session")
def bundles(folder: Path) -> dict[str, Path]:
    """The bundles of two models, by name."""
    return {name: folder / f"{name}.tar.gz" for name in ("tiny", "other_tiny")}


@pytest.fixture(scope="session")
def synthesizer(folder: Path) -> "Synthesizer":
    """Synthesizes each combination of settings once in a test run."""
    from tests.stacks.support.synthesis import Synthesizer

    return Synthesizer(folder)


@pytest.fixture(scope="session")
def stacks(synthesizer: "Synthesizer") -> "Stacks":
    """Returns the validated stack of the model tiny, by its stage and hosting."""
    return lambda stage, hosting: synthesizer.one(is_validated=True, stage=stage, hosting=hosting)


@pytest.fixture(scope="session")
def stack(stacks: "Stacks") -> "Synthesis":
    """The stack of the model tiny with default settings."""
    return stacks("dev", "realtime")


@pytest.fixture(scope="session")
def several(synthesizer: "Synthesizer") -> "Synthesis":
    """The stack of two models with default settings."""
    return synthesizer.several(is_validated=True)
