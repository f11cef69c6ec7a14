"""One synthesized stack for all tests of a worker, and the Node that makes it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tiny_bundle import write_tiny_bundle

if TYPE_CHECKING:
    from tests.stacks.synthesis import Synthesis

# The Node of the virtual environment, whoever started the tests: aws_cdk runs it as soon as it is imported.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle of the shared stack and its cloud assembly are."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def stack(folder: Path) -> "Synthesis":
    """The stack of the tiny bundle."""
    from tests.stacks.synthesis import synthesize

    write_tiny_bundle(folder / "model.tar.gz")
    return synthesize(folder / "cdk.out", bundle=str(folder / "model.tar.gz"))
