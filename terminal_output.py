"""Standard output of the commands of all rooms, and their end. Standard library only."""

import io
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import NoReturn

INTERRUPTED = 130


def escape_unencodable_output() -> None:
    """Escapes characters on standard output that the locale lacks, as Python does on standard error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def require_packages(package: str) -> None:
    """Ends `python -m ROOM` with a sentence in a Python that lacks a package, and so all of the project."""
    # Python looks for the module of `python -m` now: later imports would raise.
    if sys.argv[:1] == ["-m"] and find_spec(package) is None:
        sys.exit(
            f"{sys.executable} has not the packages of this project: run `make .venv/.installed`, and the "
            "same command with .venv/bin/python, or after `. .venv/bin/activate`."
        )


def interruptible(main: Callable[[], int], program: str) -> int:
    """Runs a command and returns its exit code; Ctrl-C during its imports is one sentence."""
    try:
        return main()
    except KeyboardInterrupt:
        print(f"{program}: Interrupted.", file=sys.stderr)
        return INTERRUPTED


def end_process(code: int, *, is_reported: bool = False) -> NoReturn:
    """Ends the process without freeing all objects of its modules one by one, which takes up to 0.4 s.

    Spark stops at Python's own end, which also reports output that cannot be written with exit code 120.

    Args:
        code: The exit code.
        is_reported: Whether output that could not be written was reported when it was met.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        is_written = True
    except OSError:
        is_written = is_reported
    if is_written and "pyspark" not in sys.modules:
        os._exit(code)
    sys.exit(code)
