"""Errors of a model's own code, and of the libraries it calls, as one sentence with the place."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bundle import BundleError
from training import models
from training.errors import TrainingError

LONGEST_REASON = 300


@contextmanager
def as_sentence(step: str) -> Iterator[None]:
    """Raises TrainingError for every other exception of the block, which is a step such as "fitting".

    The sentence names the line of the model's file, if the exception came through it. Interrupts and errors that
    are sentences already pass.
    """
    try:
        yield
    except (TrainingError, BundleError):
        raise
    except Exception as error:
        raise TrainingError(f"The step {step!r} failed{_place(error)}: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """Returns type and message of an exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = (lines[0] if lines else "")[:LONGEST_REASON].rstrip(".")
    return f"{type(error).__name__}: {text}." if text else f"{type(error).__name__}."


def _place(error: Exception) -> str:
    folders = {Path(folder).resolve() for folder in models.__path__}
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve().parent in folders
    ]
    return f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
