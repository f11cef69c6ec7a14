"""A server of the tiny bundle, shared by the cases of a module that only send requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.support.process import ServingProcess, unpack
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingProcess]:
    base = tmp_path_factory.mktemp("served")
    unpack_tiny_bundle(base)
    with ServingProcess(base) as process:
        yield process.until_ready()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base folder with the tiny bundle in its `model` folder."""
    unpack_tiny_bundle(tmp_path)
    return tmp_path


def unpack_tiny_bundle(base: Path) -> None:
    write_tiny_bundle(base / "model.tar.gz")
    unpack(base / "model.tar.gz", base)
