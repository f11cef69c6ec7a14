"""Ctrl-C while a command imports its modules: one sentence, and the end that a shell expects."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_with(name: str, content: str, room: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs `python -m ROOM` with another module in the place of one that the room imports."""
    (folder / f"{name}.py").write_text(content, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", room, "--help"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("room", "module"),
    [
        ("local", "argparse"),
        ("scoring", "msgspec"),
        ("smoke", "msgspec"),
        ("stacks.commands.score", "msgspec"),
        ("training", "msgspec"),
    ],
)
def test_an_interrupted_import_is_one_sentence(room: str, module: str, tmp_path: Path) -> None:
    done = run_with(module, "raise KeyboardInterrupt\n", room, tmp_path)

    assert (done.returncode, done.stdout) == (-signal.SIGINT, "")
    assert done.stderr == f"python -m {room}: Interrupted.\n"


def test_another_error_of_an_import_keeps_its_traceback(tmp_path: Path) -> None:
    done = run_with("msgspec", "raise RuntimeError('broken')\n", "training", tmp_path)

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "RuntimeError: broken" in done.stderr
