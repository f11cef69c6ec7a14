"""Golden rows of a bundle: test rows with the predictions that every server of the bundle must give.

After the bundle is read back, its golden rows and metrics are compared with those that were written.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle import Field, Golden, Manifest, Metrics, lowest_positive
from training.data.dataset import Dataset
from training.evaluation.manifest_metrics import DIGITS
from training.export.graph_scorer import GraphScorer
from training.model import Model

MIN_GOLDEN_ROWS = 3


def golden_rows(model: Model, test: Dataset, scorer: GraphScorer) -> tuple[Golden, ...]:
    """Chooses evenly spaced test rows, at least three, and predicts them.

    There is at least one row with the fields known in each situation, and one with the required fields only.
    """
    instances = _instances(model, test)
    return tuple(
        Golden(instance=instance, prediction=prediction(model, output.tolist()))
        for instance, output in zip(instances, scorer.score_instances(instances), strict=True)
    )


def prediction(model: Model | Manifest, output: Sequence[float]) -> dict[str, Any]:
    """Returns the API's prediction for one row of the graph's output, its numbers to 6 decimals.

    Args:
        model: A model, or the manifest of its bundle: labels and threshold.
        output: The row of the output.
    """
    if not model.labels:
        return {"value": round(output[0], DIGITS)}
    if model.threshold is not None:
        label = model.labels[output[1] >= lowest_positive(model.threshold)]
        return {"label": label, "probability": round(output[1], DIGITS)}
    best = int(np.argmax(output))
    return {"label": model.labels[best], "probability": round(output[best], DIGITS)}


def json_row(fields: Sequence[Field], instance: dict[str, Any]) -> dict[str, Any]:
    """Converts an instance to a JSON request row.

    A number is text where its field is read from text; 1 and 0 are true and false in a boolean field.
    """
    by_name = {field.name: field for field in fields}
    return {name: _json_value(by_name[name], value) for name, value in instance.items()}


def _json_value(field: Field, value: Any) -> Any:
    if field.type == "boolean":
        return bool(value)
    return repr(value).removesuffix(".0") if field.from_text else value


def _instances(model: Model, test: Dataset) -> list[dict[str, Any]]:
    names = [field.name for field in model.fields]
    known = [[name for name in names if name not in situation.absent] for situation in model.situations]
    known += known[-1:] * (MIN_GOLDEN_ROWS - len(known))
    known.append([field.name for field in model.fields if field.required])
    rows = np.linspace(0, len(test) - 1, len(known)).astype(int)
    instances = [test.instance(row, present) for row, present in zip(rows, known, strict=True)]
    return [json_row(model.fields, instance) for instance in instances]


def changed_by_reading(manifest: Manifest, metrics: Metrics, golden: Sequence[Golden]) -> str:
    """Returns which metric or golden row of the manifest differs, and how; "" when none does.

    A value of a type that JSON lacks, such as a date object, is read back as another type.

    Args:
        manifest: The manifest as read back.
        metrics: The metrics that the bundle has.
        golden: The golden rows that were written.
    """
    for name, value in metrics.values.items():
        stated = manifest.metrics.values.get(name)
        if stated != value:
            return (
                f"does not have the metric {name} that its manifest states: it is {value}, stated as {stated}"
            )
    if manifest.metrics.split != metrics.split:
        return "does not have the description of the metrics that its manifest states"
    if len(manifest.golden) != len(golden):
        return f"has {len(manifest.golden)} golden rows instead of {len(golden)}"
    pairs = enumerate(zip(manifest.golden, golden, strict=True))
    return next((reason for row, pair in pairs if (reason := _changed_row(row, *pair))), "")


def _changed_row(row: int, stated: Golden, own: Golden) -> str:
    states = "does not have the golden rows that its manifest states"
    for name in {**own.instance, **stated.instance}:
        if reason := _changed(name, own.instance.get(name), stated.instance.get(name)):
            return f"{states}: in row {row} {reason}"
    if stated.prediction != own.prediction:
        return f"{states}: it predicts {own.prediction} for row {row}, stated as {stated.prediction}"
    return ""


def _changed(name: str, own: Any, stated: Any) -> str:
    if own == stated and type(own) is type(stated):
        return ""
    if own == stated and isinstance(own, (int, float)) and isinstance(stated, (int, float)):
        return ""
    return (
        f"the field {name!r} is {own!r} ({type(own).__name__}) and was read back as {stated!r} "
        f"({type(stated).__name__}), because JSON has no such type: give the values that a request has"
    )
