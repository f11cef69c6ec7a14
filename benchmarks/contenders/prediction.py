"""Prediction in the format of the API from one row of a model's output."""

from collections.abc import Sequence
from typing import Any


def prediction(values: Sequence[float], labels: Sequence[str], threshold: float | None) -> dict[str, Any]:
    """Returns a label with its probability, or a value, by the label rule of the bundle."""
    if not labels:
        return {"value": values[0]}
    if threshold is not None:
        return {"label": labels[values[1] >= threshold], "probability": values[1]}
    probability = max(values)
    return {"label": labels[values.index(probability)], "probability": probability}
