"""Permutation importance: the metric lost when the values of one field are shuffled among the rows.

Source: Breiman, Random forests, Machine Learning 45, 2001, section 10.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import NUMBERS, STRINGS, Columns, Field, Task
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.data.split import evenly
from training.evaluation.metrics import compute_metrics
from training.model import Model

IMPORTANCE_ROWS = 6_000
REPEATS = 2
IMPORTANCE_METRIC: dict[Task, str] = {"binary": "roc_auc", "multiclass": "roc_auc", "regression": "r2"}

# Runs a graph: input tensors by name -> output of shape (n, labels) or (n, 1).
Score = Callable[[Mapping[str, NDArray[Any]]], NDArray[np.float32]]


def permutation_importance(model: Model, test: Dataset, score: Score) -> Mapping[str, Mapping[str, float]]:
    """Measures the loss of ROC AUC (R² of a regression) by situation and by field known in it.

    At most 6,000 evenly spaced rows are used, each field is shuffled twice. Correlated fields substitute each
    other, so that each of them gets a lower importance than both have together.
    """
    rows = test.take(evenly(len(test), IMPORTANCE_ROWS))
    return {
        situation.name: _losses(model, rows.without(situation.absent), score)
        for situation in model.situations
    }


def _losses(model: Model, rows: Dataset, score: Score) -> dict[str, float]:
    tensors = graph_tensors(model.fields, rows)
    random = np.random.default_rng(0)
    permutations = [random.permutation(len(rows)) for _ in range(REPEATS)]
    metric = IMPORTANCE_METRIC[model.task]

    def value(changed: dict[str, NDArray[Any]]) -> float:
        return compute_metrics(model.task, rows.target, score(changed))[metric]

    unchanged = value(tensors)
    return {
        field.name: unchanged
        - float(np.mean([value(_shuffled(tensors, model.fields, field, p)) for p in permutations]))
        for field in model.fields
        if field.name in rows.columns
    }


def _shuffled(
    tensors: dict[str, NDArray[Any]], fields: tuple[Field, ...], field: Field, permutation: NDArray[np.intp]
) -> dict[str, NDArray[Any]]:
    columns, own = Columns(fields), Columns((field,))
    name, all_names, names = (
        (NUMBERS, columns.numbers, own.numbers) if own.numbers else (STRINGS, columns.strings, own.strings)
    )
    positions = [all_names.index(column) for column in names]
    changed = tensors[name].copy()
    changed[:, positions] = tensors[name][permutation][:, positions]
    return {**tensors, name: changed}
