"""Errors of a model's own code, and of the libraries it calls, as one sentence with the place."""

from pathlib import Path

import sklearn.pipeline

from training.errors import TrainingError

LONGEST_REASON = 300
# Beginning of the names of the modules of models.
MODELS = "training.models."


def step_error(step: str, error: Exception) -> TrainingError:
    """Makes the error of a step, such as "fitting", that runs a model's own code.

    The sentence names the line of the model's file, if the exception came through it.
    """
    where = f"{_pipeline_step(error)}{_place(error)}"
    return TrainingError(f"The model's code failed when {step}{where}: {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """Returns type and message of an exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = (lines[0] if lines else "")[:LONGEST_REASON].rstrip(".")
    return f"{type(error).__name__}: {text}." if text else f"{type(error).__name__}."


def _pipeline_step(error: Exception) -> str:
    """Returns the step of a scikit-learn pipeline in which an exception was raised."""
    name: str | None = ""
    trace = error.__traceback__
    while trace:
        code, found = trace.tb_frame.f_code, trace.tb_frame.f_locals
        if code.co_filename == sklearn.pipeline.__file__ and isinstance(
            found.get("self"), sklearn.pipeline.Pipeline
        ):
            name = found.get("name") if code.co_name == "_fit" else found["self"].steps[-1][0]
        trace = trace.tb_next
    return f", in the step {name!r}" if name else ""


def _place(error: Exception) -> str:
    """Returns file and line of a model's code through which an exception came, the innermost one."""
    place, trace = "", error.__traceback__
    while trace:
        frame = trace.tb_frame
        if str(frame.f_globals.get("__name__")).startswith(MODELS):
            place = f" in {Path(frame.f_code.co_filename).name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
