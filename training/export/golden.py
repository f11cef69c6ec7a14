"""Rows whose answer a bundle must give wherever it is served."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle import Field, Golden, lowest_positive
from training.data.dataset import Dataset
from training.evaluation.measure import DIGITS
from training.export.scorer import Scorer
from training.model import Model

MIN_ROWS = 3


def golden_rows(model: Model, test: Dataset, scorer: Scorer) -> tuple[Golden, ...]:
    """Test rows spread over the whole, one a situation at least, and one of the required fields only."""
    instances = _instances(model, test)
    return tuple(
        Golden(instance=instance, prediction=prediction(model, output.tolist()))
        for instance, output in zip(instances, scorer.score_instances(instances), strict=True)
    )


def prediction(model: Model, output: Sequence[float]) -> dict[str, Any]:
    """The API's answer from one row of the graph's output, its numbers to 6 decimals."""
    if not model.labels:
        return {"value": round(output[0], DIGITS)}
    if model.threshold is not None:
        label = model.labels[output[1] >= lowest_positive(model.threshold)]
        return {"label": label, "probability": round(output[1], DIGITS)}
    best = int(np.argmax(output))
    return {"label": model.labels[best], "probability": round(output[best], DIGITS)}


def _instances(model: Model, test: Dataset) -> list[dict[str, Any]]:
    names = [field.name for field in model.fields]
    known = [[name for name in names if name not in situation.absent] for situation in model.situations]
    known += known[-1:] * (MIN_ROWS - len(known))
    known.append([field.name for field in model.fields if field.required])
    rows = np.linspace(0, len(test) - 1, len(known)).astype(int)
    instances = [test.instance(row, present) for row, present in zip(rows, known, strict=True)]
    return [as_sent(model.fields, instance) for instance in instances]


def as_sent(fields: Sequence[Field], instance: dict[str, Any]) -> dict[str, Any]:
    """A request row with a number as text where its field takes that, since that is how its users send it."""
    from_text = {field.name for field in fields if field.from_text}
    return {
        name: repr(value).removesuffix(".0") if name in from_text else value
        for name, value in instance.items()
    }
