"""How much each field matters: what is lost when its values are dealt out among the rows anew.

Source: Breiman, Random forests, Machine Learning 45, 2001, section 10.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import NUMBERS, STRINGS, Columns, Field
from training.data.dataset import Dataset
from training.data.inputs import graph_tensors
from training.data.split import evenly
from training.evaluation.metrics import Task, quality
from training.export.scorer import Scorer
from training.model import Model

ROWS = 6_000
REPEATS = 2
TOLD_BY: dict[Task, str] = {"binary": "roc_auc", "multiclass": "roc_auc", "regression": "r2"}


def importance(model: Model, test: Dataset, scorer: Scorer) -> Mapping[str, Mapping[str, float]]:
    """By situation and field known in it, how much of the ROC AUC (or R squared) is lost without it.

    Fields that say the same stand in for each other, and each seems to matter less than both do.
    """
    rows = test.take(evenly(len(test), ROWS))
    return {
        situation.name: _losses(model, rows.without(situation.absent), scorer)
        for situation in model.situations
    }


def _losses(model: Model, rows: Dataset, scorer: Scorer) -> dict[str, float]:
    tensors = graph_tensors(model.fields, rows)
    random = np.random.default_rng(0)
    deals = [random.permutation(len(rows)) for _ in range(REPEATS)]
    metric = TOLD_BY[model.task]

    def told(changed: dict[str, NDArray[Any]]) -> float:
        return quality(model.task, rows.target, scorer.score(changed))[metric]

    whole = told(tensors)
    return {
        field.name: whole
        - float(np.mean([told(_dealt(tensors, model.fields, field, deal)) for deal in deals]))
        for field in model.fields
        if field.name in rows.columns
    }


def _dealt(
    tensors: dict[str, NDArray[Any]], fields: tuple[Field, ...], field: Field, deal: NDArray[np.intp]
) -> dict[str, NDArray[Any]]:
    columns, own = Columns(fields), Columns((field,))
    name, all_names, names = (
        (NUMBERS, columns.numbers, own.numbers) if own.numbers else (STRINGS, columns.strings, own.strings)
    )
    places = [all_names.index(column) for column in names]
    changed = tensors[name].copy()
    changed[:, places] = tensors[name][deal][:, places]
    return {**tensors, name: changed}
