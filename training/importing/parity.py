"""Comparison of a composed graph with the original model on the sample rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

PARITY = 1e-5
_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Parity:
    """Result of a comparison.

    Attributes:
        difference: Largest difference of a row from the original, on its exact or on its float32 numbers.
        note: Sentence on rows whose prediction differs from that of the exact numbers; "" for none.
    """

    difference: float
    note: str


def check_parity(
    composed: NDArray[Any], original: Callable[[bool], NDArray[Any]], *, labels: Sequence[str], cure: str
) -> Parity:
    """Compares the predictions of a composed graph with those of the original.

    A row is right when it is predicted as the original predicts its exact numbers, or as the original
    predicts them as float32. Trees that split at a value of the training agree with the former only.

    Args:
        composed: Outputs of the composed graph for the sample rows, (rows, labels) or (rows, 1).
        original: Predicts the sample rows in the original; true rounds their numbers to float32 before.
        labels: Labels of a classifier; empty for a regression.
        cure: What to do about a difference.

    Raises:
        TrainingError: When a row differs by more than 1e-5 (a value by more than 1e-5 of the largest one).
    """
    exact, rounded = original(False), original(True)
    if composed.shape != rounded.shape or exact.shape != rounded.shape:
        raise TrainingError(
            f"The composed graph gives the shape {composed.shape}, and the original {rounded.shape}: the "
            "model is not exported as it is; export it again, with one answer a row."
        )
    tolerance = PARITY * max(1.0, float(np.nanmax(np.abs(rounded), initial=0)))
    difference = np.minimum(_difference(composed, exact), _difference(composed, rounded))
    if (difference > tolerance).any():
        row = int(np.argmax(difference > tolerance))
        raise TrainingError(
            f"The graph does not predict as the original does: first for row {row} of the sample (the first "
            f"row is 0), {_shown(composed[row])} instead of {_shown(rounded[row])}, in "
            f"{int((difference > tolerance).sum()):,} of {len(composed):,} rows; {tolerance:.0e} is allowed, "
            f"and no bundle was written. {cure}."
        )
    return Parity(
        difference=float(difference.max(initial=0)), note=_float32_note(exact, composed, tolerance, labels)
    )


def _float32_note(
    exact: NDArray[Any], composed: NDArray[Any], tolerance: float, labels: Sequence[str]
) -> str:
    """Returns the sentence on rows that the composed graph predicts otherwise than with all digits."""
    changed = _difference(exact, composed) > tolerance
    if not changed.any():
        return ""
    row = int(np.argmax(changed))
    other = int((exact.argmax(axis=1) != composed.argmax(axis=1)).sum()) if labels else 0
    as_labels = f", {other:,} of them to another label" if labels else ""
    return (
        f"A request's numbers are float32, and the model was made with more digits: {int(changed.sum()):,} "
        f"of {len(changed):,} sample rows change by more than {tolerance:.0e}{as_labels}; first row {row}, "
        f"from {_shown(exact[row])} to {_shown(composed[row])}."
    )


def _difference(one: NDArray[Any], two: NDArray[Any]) -> NDArray[np.float64]:
    equal = (one == two) | (np.isnan(one) & np.isnan(two))
    found = np.where(equal, 0.0, np.abs(one.astype(np.float64) - two))
    return np.nan_to_num(found, nan=np.inf).max(axis=1)  # type: ignore[no-any-return]  # NumPy types a maximum as Any


def _shown(output: NDArray[Any]) -> str:
    numbers = ", ".join(f"{value:.6g}" for value in output[:_SHOWN].tolist())
    return f"({numbers}{', ...' if len(output) > _SHOWN else ''})"
