"""The program that Spark sends to its workers, without the rest of the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scoring.cluster.program_archive import write_program


@pytest.mark.slow
def test_a_worker_imports_the_program_from_the_archive_alone(tmp_path: Path) -> None:
    archive = write_program(tmp_path / "cache")
    program = "import scoring.cluster.partition_scorer as scorer; print(scorer.__file__)"

    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.startswith(str(archive))
