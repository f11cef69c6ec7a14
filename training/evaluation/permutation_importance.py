"""Permutation importance: the metric lost when the values of one field are shuffled among the rows.

Source: Breiman, Random forests, Machine Learning 45, 2001, section 10.
"""

from collections.abc import Callable, Mapping, Sequence
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
# Of more fields, those that lose most on RANKING_ROWS are measured.
MOST_MEASURED_FIELDS = 30
RANKING_ROWS = 1_500
IMPORTANCE_METRIC: dict[Task, str] = {"binary": "roc_auc", "multiclass": "roc_auc", "regression": "r2"}

# Runs a graph: input tensors by name -> output of shape (n, labels) or (n, 1).
Score = Callable[[Mapping[str, NDArray[Any]]], NDArray[np.float32]]


def permutation_importance(model: Model, test: Dataset, score: Score) -> Mapping[str, Mapping[str, float]]:
    """Measures the loss of ROC AUC (R² of a regression) by situation and by field known in it.

    At most 6,000 evenly spaced rows are used, each field is shuffled twice. Of more than 30 fields only those
    30 are measured so that lose most in one shuffle of 1,500 rows. Correlated fields substitute each other,
    so that each of them gets a lower importance than both have together.
    """
    rows = test.take(evenly(len(test), IMPORTANCE_ROWS))
    return {
        situation.name: _losses(model, rows.without(situation.absent), score)
        for situation in model.situations
    }


def _losses(model: Model, rows: Dataset, score: Score) -> dict[str, float]:
    known = [field for field in model.fields if field.name in rows.columns]
    if len(known) > MOST_MEASURED_FIELDS:
        few = rows.take(evenly(len(rows), RANKING_ROWS))
        losses = _measured(model, few, known, score, repeats=1)
        highest = sorted(losses, key=lambda name: -losses[name])[:MOST_MEASURED_FIELDS]
        known = [field for field in known if field.name in highest]
    return _measured(model, rows, known, score, repeats=REPEATS)


def _measured(
    model: Model, rows: Dataset, known: Sequence[Field], score: Score, *, repeats: int
) -> dict[str, float]:
    # Row-major, as ONNX Runtime reads tensors: it would copy others in every run.
    tensors = {name: np.ascontiguousarray(t) for name, t in graph_tensors(model.fields, rows).items()}
    random = np.random.default_rng(0)
    permutations = [random.permutation(len(rows)) for _ in range(repeats)]
    metric = IMPORTANCE_METRIC[model.task]

    def value() -> float:
        return compute_metrics(model.task, rows.target, score(tensors))[metric]

    unchanged = value()
    losses = {}
    for field in known:
        tensor, positions = _columns(tensors, model.fields, field)
        own = tensor[:, positions]
        shuffled = []
        for permutation in permutations:
            tensor[:, positions] = own[permutation]
            shuffled.append(value())
        tensor[:, positions] = own
        losses[field.name] = unchanged - float(np.mean(shuffled))
    return losses


def _columns(
    tensors: Mapping[str, NDArray[Any]], fields: Sequence[Field], field: Field
) -> tuple[NDArray[Any], list[int]]:
    """Returns the tensor with the columns of a field, and their positions in it."""
    columns, own = Columns(fields), Columns((field,))
    name, all_names, names = (
        (NUMBERS, columns.numbers, own.numbers) if own.numbers else (STRINGS, columns.strings, own.strings)
    )
    return tensors[name], [all_names.index(column) for column in names]
