"""One synthesized stack for all tests of a worker, and the Node that makes it."""

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tiny_bundle import write_tiny_bundle

if TYPE_CHECKING:
    from tests.stacks.synthesis import Stacks, Synthesis

# The Node of the virtual environment, whoever started the tests: aws_cdk runs it as soon as it is imported.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle of the shared stack and its cloud assembly are."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def stacks(folder: Path) -> "Stacks":
    """Makes a stack of the tiny bundle, by its stage and hosting, once."""
    from tests.stacks.synthesis import synthesize

    write_tiny_bundle(folder / "model.tar.gz")

    @functools.cache
    def make(stage: str, hosting: str) -> "Synthesis":
        bundle = str(folder / "model.tar.gz")
        return synthesize(folder / f"{stage}-{hosting}", bundle=bundle, stage=stage, hosting=hosting)

    return make


@pytest.fixture(scope="session")
def stack(stacks: "Stacks") -> "Synthesis":
    """The stack of the tiny bundle as it is when nothing is set."""
    return stacks("dev", "realtime")


@pytest.fixture(scope="session")
def places(folder: Path) -> dict[str, Path]:
    """The bundles of two models, by name."""
    places = {name: folder / "two" / f"{name}.tar.gz" for name in ("tiny", "other_tiny")}
    for weight, (name, place) in enumerate(places.items(), start=1):
        write_tiny_bundle(place, name=name, weight=weight)
    return places


@pytest.fixture(scope="session")
def several(folder: Path, places: dict[str, Path]) -> "Synthesis":
    """The stack of these two models as it is when nothing else is set."""
    from tests.stacks.synthesis import synthesize

    return synthesize(folder / "two" / "cdk.out", places=places, models="tiny,other_tiny")
