"""The bundle of the default model, trained once for all tests of a run."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]


def train_flights_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Returns the path of the bundle; the first worker trains it with `python -m training`."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "flight_delay"
    archive = folder / "model.tar.gz"
    with FileLock(f"{folder}.lock"):
        if not archive.exists():
            command = [sys.executable, "-m", "training", "flight_delay", "--no-report", "--out", str(folder)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    return archive
