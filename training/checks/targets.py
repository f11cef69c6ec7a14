"""Targets as users of pandas write them, converted to label positions or values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle.texts.counted_noun import counted
from training.checks.columns import numbers, one_dimensional
from training.data.dataset import factorized
from training.errors import TrainingError

TARGET = "the target"


def converted_target(labels: Sequence[str], target: Any) -> NDArray[Any]:
    """Converts targets to positions in the labels, or to values when there are no labels.

    Positions may be integers, floats or, of two labels, booleans. Labels may also be named, or numbered
    from 1, or -1 and 1 of two labels, where no number can be read as a position.

    Raises:
        TrainingError: When a target is none of these; it names the first row and what is wanted.
    """
    column = one_dimensional(TARGET, target)
    _check_present(column)
    if not labels:
        values = numbers(TARGET, column, "a number")
        _check_finite(values)
        return values
    codes, distinct = factorized(column)
    names = [str(value) for value in distinct]
    if set(names) <= set(labels) and not _are_numbers(distinct):
        return np.asarray(np.array([labels.index(name) for name in names], dtype=np.int64)[codes])
    positions = _positions(distinct, len(labels))
    if positions is None:
        wanted = f"0 to {len(labels) - 1}, or the labels {', '.join(labels)}"
        row, value = _first_wrong(codes, distinct, labels)
        raise TrainingError(
            f"The target has {value!r} in row {row} (the first row is 0), which is no label: the targets of "
            f"this model are {wanted}."
        )
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu" and positions == distinct:
        return column
    return np.asarray(np.array(positions, dtype=np.int64)[codes])


def _positions(distinct: Sequence[Any], count: int) -> list[int] | None:
    """Returns the position of each distinct target; None when the targets are none."""
    if not _are_numbers(distinct):
        return None
    found = {float(value) for value in distinct}
    if found <= set(range(count)):
        return [int(value) for value in distinct]
    if found == set(range(1, count + 1)):
        return [int(value) - 1 for value in distinct]
    if count == 2 and found == {-1.0, 1.0}:
        return [(int(value) + 1) // 2 for value in distinct]
    return None


def _are_numbers(distinct: Sequence[Any]) -> bool:
    return all(isinstance(value, (bool, int, float, np.number, np.bool_)) for value in distinct)


def _first_wrong(codes: NDArray[Any], distinct: Sequence[Any], labels: Sequence[str]) -> tuple[int, Any]:
    is_number = _are_numbers(distinct)
    known: set[Any] = set(range(len(labels))) if is_number else set(labels)
    wrong = next((value for value in distinct if value not in known), distinct[0])
    row = int(np.argmax(codes == list(distinct).index(wrong)))
    return row, wrong


def _check_present(column: Any) -> None:
    absent = np.asarray(pd.isna(column))
    if absent.any():
        raise TrainingError(
            f"The target has no value in {absent.sum():,} of {counted(len(absent), 'row')}, first in row "
            f"{int(np.argmax(absent))} (the first row is 0): leave out these rows."
        )


def _check_finite(values: NDArray[Any]) -> None:
    infinite = ~np.isfinite(values)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise TrainingError(
            f"The target has {values[row].item()!r} in row {row} (the first row is 0), which is not a "
            "finite number."
        )
