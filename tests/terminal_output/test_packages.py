"""Commands in a Python without the packages of the project: one sentence, and no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("room", ["local", "scoring", "smoke", "stacks.commands.score", "training"])
def test_a_command_in_another_python_says_which_one_it_needs(room: str) -> None:
    # Without site-packages, as in a Python of the system.
    command = [sys.executable, "-S", "-m", room, "--help"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{sys.executable} has not the packages of this project: run `make ")
    assert done.stderr.count("\n") == 1
