"""End of a command: at once, unless that would lose something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminal_output import interruptible

ROOT = Path(__file__).parents[2]
# Python's own exit code where it cannot write buffered output.
NOT_WRITTEN = 120


def end(words: str, *, before: str = "", stdout: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a program that prints "result", and "late" from a function that Python calls at its own end."""
    program = (
        "import atexit, sys; from terminal_output import end_process\n"
        f"atexit.register(print, 'late'); {before}\n"
        f"print('result'); end_process({words})"
    )
    with Path(stdout or "/dev/null").open("w", encoding="utf-8") as file:
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            # Printed text waits in the buffer, as that of a command.
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdout=file if stdout else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )


def test_a_command_ends_at_once_with_its_output_and_exit_code() -> None:
    done = end("3")

    assert (done.returncode, done.stdout, done.stderr) == (3, "result\n", "")


def test_spark_stops_at_pythons_own_end() -> None:
    done = end("3", before="sys.modules['pyspark'] = sys")

    assert (done.returncode, done.stdout) == (3, "result\nlate\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("words", "code"), [("0", NOT_WRITTEN), ("1, is_reported=True", 1)])
def test_output_that_cannot_be_written_is_a_failure_unless_it_is_reported_already(
    words: str, code: int
) -> None:
    done = end(words, stdout="/dev/full")

    assert done.returncode == code
    assert bool(done.stderr) == (code == NOT_WRITTEN)


def test_an_interruption_of_imports_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def importing() -> int:
        raise KeyboardInterrupt

    assert interruptible(importing, "python -m scoring") == 130
    assert capsys.readouterr().err == "python -m scoring: Interrupted.\n"
    assert interruptible(lambda: 3, "x") == 3
