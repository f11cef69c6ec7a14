"""The bundle of the default model, trained once for all tests of a run."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]


def train_flights_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Returns the path of the bundle; the first worker trains it with `python -m training`."""
    with shared_flights(tmp_path_factory, worker_id) as archive:
        if not archive.exists():
            command = [sys.executable, "-m", "training", "flight_delay", "--no-report"]
            command += ["--out", str(archive.parent)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    return archive


@contextmanager
def shared_flights(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Path]:
    """Yields the path of the bundle in a folder of the run, while no other worker trains it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "flight_delay"
    folder.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        yield folder / "model.tar.gz"
