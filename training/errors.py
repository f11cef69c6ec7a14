"""The error of training, and the end of a run by a signal, so that temporary files are removed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# A shell reports a process that a signal has ended as 128 and its number.
SIGNAL_BASE = 128


class TrainingError(Exception):
    """Training failed; the message says in one sentence what is wrong, where, and what to do."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end; as with Ctrl-C, only the command handles it."""

    exit_code = SIGNAL_BASE + signal.SIGTERM


@contextmanager
def termination_as_exception() -> Iterator[None]:
    """Raises Terminated in the block on SIGTERM and SIGHUP; only the main thread may call it."""
    before = {number: signal.signal(number, _terminate) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun for a message, such as "1 row" or "2 rows".

    The plural ends in "s" or, after an "s", in "es".
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"
