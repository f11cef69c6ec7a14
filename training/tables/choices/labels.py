"""Labels of a target: spellings of one class, classes with rows enough, and the positive one."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle.texts.counted_noun import counted
from training.errors import TrainingError
from training.tables.columns.cells import Cells

FEWEST_LABEL_ROWS = 10
MOST_RARE_SHARE = 0.05
_POSITIVE = {
    "yes",
    "true",
    "1",
    "y",
    "t",
    "positive",
    "pos",
    "bad",
    "fraud",
    "default",
    "died",
    "dead",
    "malignant",
}
_NEGATIVE = {"no", "false", "0", "n", "f", "negative", "neg", "good", "ok", "alive", "benign", "-1"}
# Words of one class beside those of another one.
_YES, _NO = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")


def label_key(text: str) -> str:
    """Returns what equal labels have in common: "Yes" is "yes", and "1.0" is "1"."""
    try:
        number = float(text)
    except ValueError:
        return " ".join(text.casefold().split())
    # A sum with 0 makes 0 of -0.
    return f"{number + 0:.0f}" if number.is_integer() else f"{number:g}"


def label_codes(cells: Cells) -> tuple[NDArray[np.intp], list[str]]:
    """Returns the code of each row's value, -1 where absent, and the key of each code."""
    if cells.kind == "text":
        codes, texts = cells.codes, cells.texts.tolist()
    else:
        codes, distinct = pd.factorize(cells.values)
        names = {0.0: "false", 1.0: "true"} if cells.kind == "boolean" else {}
        texts = [names.get(value, str(value)) for value in distinct]
    again, keys = pd.factorize(np.array([*map(label_key, texts)], dtype=object))
    return np.append(again, -1)[codes], [str(key) for key in keys]


def check_label_words(name: str, codes: NDArray[np.intp], keys: list[str]) -> None:
    """Refuses yes and no that are written in several words, such as "yes" and "y"."""
    sides = [[key for key in keys if key in words] for words in (_YES, _NO)]
    twice = next((side for side in sides if len(side) > 1), None)
    if twice and all(sides):
        counts = np.bincount(codes[codes >= 0], minlength=len(keys))
        shown = " and ".join(f"{key!r} ({counted(int(counts[keys.index(key)]), 'row')})" for key in twice)
        raise TrainingError(
            f"The column {name!r} has {shown}, which seem to be one class in several words: "
            "write it in one way."
        )


def common_labels(name: str, codes: NDArray[np.intp], keys: list[str]) -> tuple[str, ...]:
    """Returns the keys of labels, without those of too few rows, the positive one of two last."""
    counts = dict(zip(keys, np.bincount(codes[codes >= 0], minlength=len(keys)).tolist(), strict=True))
    total = sum(counts.values())
    common = sorted((key for key in keys if counts[key] >= FEWEST_LABEL_ROWS), key=_natural)
    rare = total - sum(counts[key] for key in common)
    if len(common) < 2 or rare > MOST_RARE_SHARE * total:
        fewest = min(keys, key=lambda key: counts[key])
        as_number = ", or predict a number with --task regression" if _are_numbers(keys) else ""
        raise TrainingError(
            f"The column {name!r} has {len(keys):,} classes, and {fewest[:50]!r} has only "
            f"{counts[fewest]:,} of {total:,} rows: each class needs at least {FEWEST_LABEL_ROWS}. Give "
            f"more rows, or group the rare classes{as_number}."
        )
    if len(common) > 2:
        return tuple(common)
    first, second = common
    if second in _POSITIVE or first in _NEGATIVE:
        return first, second
    if first in _POSITIVE or second in _NEGATIVE:
        return second, first
    return (first, second) if counts[second] <= counts[first] else (second, first)


def _are_numbers(keys: list[str]) -> bool:
    return len(keys) > 2 and all(not _natural(key)[0] for key in keys)


def _natural(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def label_spellings(cells: Cells) -> dict[str, list[str]]:
    """Returns the texts of each label by its key, the most frequent one first."""
    found: dict[str, list[str]] = {}
    for _, text in sorted(
        zip(cells.counts().tolist(), cells.texts, strict=True), key=lambda one: (-one[0], one[1])
    ):
        found.setdefault(label_key(text), []).append(text)
    return found
