from pathlib import Path

import pytest

from tests.reference import REFERENCE
from tests.scoring.scored import Scored, write_flights_bundle
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture
def tiny(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Scored:
    """The command with the tiny bundle, which has a reference."""
    write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE)
    return Scored(tmp_path, capsys)


@pytest.fixture
def flights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Scored:
    """The command with a bundle of flights."""
    write_flights_bundle(tmp_path / "model.tar.gz")
    return Scored(tmp_path, capsys)
