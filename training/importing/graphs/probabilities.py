"""Checks that the outputs of an imported classifier are probabilities."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

SUM_TOLERANCE = 1e-3


def check_probabilities(name: str, found: NDArray[Any]) -> None:
    """Checks the output `name` for the sample rows, of shape (rows, labels), or (rows, 1) of one label.

    Raises:
        TrainingError: When a number is NaN or no share, or a row of several does not add up to 1.
    """
    if np.isnan(found).any():
        row = int(np.argmax(np.isnan(found).any(axis=1)))
        raise TrainingError(
            f"The model's output {name!r} is not a number (NaN) for row {row} of the sample (the first row "
            "is 0): the model does not take absent values; leave out such rows, or import a pipeline that "
            "replaces them."
        )
    outside = ((found < -SUM_TOLERANCE) | (found > 1 + SUM_TOLERANCE)).any(axis=1)
    if outside.any():
        row = int(np.argmax(outside))
        shown = ", ".join(f"{value:.4g}" for value in found[row][:4])
        raise TrainingError(
            f"The model's output {name!r} is {shown} for row {row} of the sample (the first row is 0): these "
            "are scores (logits) and no probabilities. Export the network with Softmax or Sigmoid as its "
            "last layer, put a classifier without predict_proba into CalibratedClassifierCV, import a "
            "regression of several values as one model for each, or export the score of an anomaly detector "
            "or the distance of a cluster as the only output, a number a row."
        )
    if found.shape[1] > 1 and (np.abs(found.sum(axis=1) - 1) > SUM_TOLERANCE).any():
        raise TrainingError(
            f"The probabilities in the model's output {name!r} do not add up to 1: a row may have several "
            "labels at once, and an answer has one. Import one model a label, or export it with Softmax."
        )


def refuse_score(name: str, answers: Sequence[str] | None) -> None:
    """Raises TrainingError when one number a row, no probability, is to answer a target of labels."""
    if answers and not any(_is_number(answer) for answer in answers):
        raise TrainingError(
            f"The model's output {name!r} is one number a row that is no probability, and the target has the "
            f"labels {', '.join(sorted({*answers})[:5])}: export the model with a sigmoid as its last layer."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
