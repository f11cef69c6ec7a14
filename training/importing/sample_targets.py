"""Right answers of the sample rows, as the target of metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError
from training.importing.graphs.label_names import number_text

_TRUTH = {"true": "1", "false": "0"}


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Right answers.

    Attributes:
        target: Positions of labels, or values; None without answers, or when quality cannot be measured.
        given: Whether the sample has answers.
        note: Why quality is not measured; "" when it is.
    """

    target: NDArray[Any] | None
    given: bool
    note: str = ""


def read_answers(texts: Sequence[str] | None, labels: Sequence[str]) -> Answers:
    """Reads the answers of the sample.

    Args:
        texts: Answers as text; None when the sample has none.
        labels: Labels of the model; empty for a regression.

    Raises:
        TrainingError: When an answer is no label of the model, or no number.
    """
    if texts is None:
        return Answers(
            target=None,
            given=False,
            note="The quality of the model is unknown: name the column of right answers with --target to "
            "measure it on the sample.",
        )
    if not labels:
        return _values(texts)
    places = {plain_label(label): at for at, label in enumerate(labels)}
    found = [places.get(plain_label(text), -1) for text in texts]
    if -1 in found:
        row = found.index(-1)
        raise TrainingError(
            f"The target has {texts[row][:50]!r} in row {row} (the first row is 0), which is no label of the "
            f"model: its labels are {', '.join(labels[:10])}; correct the target, or name the labels with "
            "--labels, in the order of the probabilities."
        )
    missing = [label for at, label in enumerate(labels) if at not in {*found}]
    if missing:
        return Answers(
            target=None,
            given=True,
            note=f"The quality of the model is unknown: no row of the sample has the label {missing[0]}.",
        )
    return Answers(target=np.array(found, dtype=np.int64), given=True)


def _values(texts: Sequence[str]) -> Answers:
    values = []
    for row, text in enumerate(texts):
        value = _finite(text)
        if value is None:
            raise TrainingError(
                f"The target has {text[:50]!r} in row {row} (the first row is 0), and the model predicts "
                "finite numbers: name their column with --target, or leave out such rows."
            )
        values.append(value)
    if len({*values}) == 1:
        return Answers(
            target=None,
            given=True,
            note="The quality of the model is unknown: all rows of the sample have the same answer.",
        )
    return Answers(target=np.array(values), given=True)


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def plain_label(text: str) -> str:
    """Returns 1 for 1, 1.0, true and True, which tools write for one label."""
    lower = _TRUTH.get(text.strip().lower(), text.strip())
    try:
        return lower if lower.isdecimal() and lower == str(int(lower)) else number_text(float(lower))
    except ValueError:
        return lower
