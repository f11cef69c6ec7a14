"""Leaks: fields that know the target, or become known only with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from bundle import Field
from training.data.dataset import ColumnValues, factorized
from training.data.split import evenly

MOST_TESTED_ROWS = 20_000
ALMOST_PERFECT = 0.995
TELLING_ABSENCE = 0.95
# Most fields are far from it, which few rows show.
_FEW_ROWS = 2_000
_FEWEST_OF_A_CLASS = 20
_HOPELESS = 0.75
# Share of the variance below which no tree is almost perfect: bins know a part of what it knows.
_LEAST_ASSOCIATION = 0.05
_MOST_BINS = 256
# Words of things that happen with the end of what is predicted, or after it.
_AFTERWARDS = re.compile(
    r"cancel\w*|terminat\w*|clos(ed|ing|ure)|exit(ed)?|outcome|resol\w+|refund\w*|chargeback|recover\w*|death|died"
    r"|discharge\w*|actual|final|settle\w*|writeoff|ended|left|leaving|returned|result"
)
# Words of things that happened before: "previous_cancellations".
_BEFORE = {"previous", "prior", "past", "last", "former", "earlier", "history"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_SHORTEST_STEM = 4


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A field that may know the target.

    Attributes:
        field: Name of the field.
        sentence: What shows it.
        is_copy: Whether the field says the same as the target in every row.
    """

    field: str
    sentence: str
    is_copy: bool = False


def find_leaks(
    fields: Sequence[Field],
    columns: Mapping[str, ColumnValues],
    target: NDArray[Any],
    *,
    name: str,
    seed: int,
) -> Iterator[Leak]:
    """Yields the leaks among fields, by rows of the training.

    Args:
        fields: The fields.
        columns: Their values.
        target: Positions of labels, or values.
        name: Name of the target.
        seed: Seed of the folds.
    """
    for field in fields:
        values = columns[field.name]
        if field.type != "text" and _is_copy(values, target):
            yield Leak(
                field=field.name,
                sentence=f"The field {field.name!r} says the same as {name} in every row, so it is left out.",
                is_copy=True,
            )
        elif sentence := _sentence(field, values, target, name, seed):
            yield Leak(
                field=field.name,
                sentence=f"{sentence} If it is not known before, give --leave-out {field.name!r}.",
            )


def _sentence(field: Field, values: ColumnValues, target: NDArray[Any], name: str, seed: int) -> str:
    absent = np.asarray(pd.isna(values))
    if absent.any() and not absent.all():
        skill, measure = _known_skill(absent.astype(np.float64), target, seed)
        if skill >= TELLING_ABSENCE:
            return (
                f"Whether the field {field.name!r} has a value predicts {name} with {measure} {skill:.3f}: "
                "it seems to become known only with it."
            )
    if field.type != "text":
        skill, measure = _known_skill(_as_numbers(field, values), target, seed)
        if skill >= ALMOST_PERFECT:
            return f"The field {field.name!r} alone predicts {name} almost perfectly: {measure} {skill:.3f}."
    if word := _afterwards(field.name, name):
        return f"By its name ({word}), the field {field.name!r} may become known only after {name}."
    return ""


def _is_copy(values: ColumnValues, target: NDArray[Any]) -> bool:
    """Whether values and targets are one to one."""
    codes, _ = factorized(values)
    if target.dtype.kind not in "iu":
        return values.dtype.kind == "f" and bool(np.allclose(values, target, rtol=1e-9, atol=0))
    labels = len(np.unique(target))
    if (codes < 0).any() or len(np.unique(codes)) != labels:
        return False
    return len(np.unique(codes.astype(np.int64) * (labels + 1) + target)) == labels


def _as_numbers(field: Field, values: ColumnValues) -> NDArray[np.float64]:
    """Returns one number a row: its value, its day, or the rank of its string by frequency."""
    if field.is_number or field.type == "boolean":
        return np.nan_to_num(np.asarray(values, dtype=np.float64), nan=-1e30)
    if field.type == "date":
        days = np.asarray(values)
        return np.where(np.isnat(days), -1e9, days.astype("datetime64[D]").astype(np.float64))
    codes, _ = factorized(values)
    return codes.astype(np.float64)


def _known_skill(values: NDArray[np.float64], target: NDArray[Any], seed: int) -> tuple[float, str]:
    """Measures as `_skill`; on few rows only, where they show that the values do not know the target."""
    few = evenly(len(target), _FEW_ROWS)
    is_class = target.dtype.kind in "iu"
    if len(few) == len(target) or (is_class and np.bincount(target[few]).min() < _FEWEST_OF_A_CLASS):
        return _skill(values, target, seed)
    if _association(values[few], target[few]) < _LEAST_ASSOCIATION:
        return 0.0, ""
    found = _skill(values[few], target[few], seed)
    return found if found[0] < _HOPELESS else _skill(values, target, seed)


def _association(values: NDArray[np.float64], target: NDArray[Any]) -> float:
    """Returns the share of the target's variance that the means of bins of the values explain, on other rows.

    Bins are distinct values, or ranks of many; each half of the rows is predicted by the other. Of several
    classes, the class that is explained best decides.
    """
    codes = np.unique(values, return_inverse=True)[1]
    count = codes.max() + 1
    if count > _MOST_BINS:
        codes = codes * _MOST_BINS // count
    half = np.arange(len(target)) % 2 == 0
    if target.dtype.kind not in "iu":
        return _explained(codes, target, half)
    # The first of two classes is explained as well as the second one.
    kinds = np.unique(target)[-1:] if target.max() == 1 else np.unique(target)
    return max(_explained(codes, (target == kind).astype(np.float64), half) for kind in kinds)


def _explained(codes: NDArray[np.intp], target: NDArray[np.float64], half: NDArray[np.bool_]) -> float:
    predicted = np.empty(len(target))
    for rows in (half, ~half):
        counts = np.bincount(codes[~rows], minlength=codes.max() + 1)
        sums = np.bincount(codes[~rows], target[~rows], minlength=len(counts))
        means = np.where(counts > 0, sums / np.maximum(counts, 1), target[~rows].mean())
        predicted[rows] = means[codes[rows]]
    spread = predicted.std() * target.std()
    if not spread:
        return 0.0
    # A bin with one row in a half predicts badly, so the correlation says more than the residuals.
    return float(((predicted - predicted.mean()) * (target - target.mean())).mean() / spread) ** 2


def _skill(values: NDArray[np.float64], target: NDArray[Any], seed: int) -> tuple[float, str]:
    """Measures a small tree on the values alone, on rows that it was not fitted on."""
    rows = values.astype(np.float32).reshape(-1, 1)
    if target.dtype.kind not in "iu":
        tree = DecisionTreeRegressor(max_leaf_nodes=256, min_samples_leaf=5, random_state=seed)
        folds = KFold(3, shuffle=True, random_state=seed)
        return float(r2_score(target, cross_val_predict(tree, rows, target, cv=folds))), "R2"
    tree = DecisionTreeClassifier(max_leaf_nodes=64, min_samples_leaf=5, random_state=seed)
    stratified = StratifiedKFold(3, shuffle=True, random_state=seed)
    found = cross_val_predict(tree, rows, target, cv=stratified, method="predict_proba")
    if found.shape[1] == 2:
        return float(roc_auc_score(target, found[:, 1])), "ROC AUC"
    return float((found.argmax(axis=1) == target).mean()), "an accuracy of"


def _afterwards(name: str, target: str) -> str:
    """Returns the word of a field's name that says that it becomes known with the target; "" for none."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if _BEFORE & {*words}:
        return ""
    stems = {
        word[: max(_SHORTEST_STEM, len(word) - 3)]
        for word in map(str.lower, _WORDS.findall(target))
        if len(word) >= _SHORTEST_STEM
    }
    with_target = next((word for word in words if any(word.startswith(stem) for stem in stems)), "")
    if with_target and {"date", "reason", "at", "on", "time", "type", "category", "day", "cause"} & {*words}:
        return with_target
    return next((word for word in words if _AFTERWARDS.fullmatch(word)), "")
