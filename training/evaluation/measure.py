"""The figures that a bundle's manifest gives of itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Metrics
from training.data.split import Split
from training.evaluation.metrics import quality
from training.model import Model

BASELINE = "baseline"
DIGITS = 6


def measure(model: Model, split: Split, outputs: Mapping[str, NDArray[Any]]) -> Metrics:
    """The quality on the test rows, beside that of a baseline which always answers the training rows' mean.

    Figures of the first situation carry the metrics' plain names, those of the others and of the baseline a
    suffix. `base_rate` is the test rows' share of positives (with three labels or more, of the commonest).

    Raises:
        TrainingError: When the test rows lack a label.
    """
    target = split.test.target
    values = {}
    for name, output in {**outputs, BASELINE: mean_answers(model, split)}.items():
        found = quality(model.task, target, output)
        values.update({f"{metric}{suffix(model, name)}": value for metric, value in found.items()})
    if model.labels:
        shares = np.bincount(target, minlength=len(model.labels)) / len(target)
        values["base_rate"] = float(shares[1] if model.task == "binary" else shares.max())
    return Metrics(
        split=_describe(model, split), values={name: round(v, DIGITS) for name, v in values.items()}
    )


def suffix(model: Model, situation: str) -> str:
    """What the names of a situation's metrics end in."""
    return "" if situation == model.situations[0].name else f"_{situation}"


def mean_answers(model: Model, split: Split) -> NDArray[np.float64]:
    """The training rows' mean as the answer to every test row, in the shape of a graph's output."""
    train = split.train.target
    shares = np.bincount(train, minlength=len(model.labels)) / len(train) if model.labels else [train.mean()]
    return np.tile(shares, (len(split.test), 1))


def _describe(model: Model, split: Split) -> str:
    first, *others = model.situations
    suffixed = "".join(f", _{situation.name}: {situation.description}" for situation in others)
    return (
        f"{split.description}, never learned from. Without suffix: {first.description}{suffixed}, "
        f"_{BASELINE}: always the mean of the training rows.{_describe_threshold(model)}"
    )


def _describe_threshold(model: Model) -> str:
    if model.threshold is None:
        return ""
    return (
        f" The threshold {model.threshold:g} follows from its price: "
        f"a missed {model.labels[1]} costs {model.missed_cost:g} false alarms."
    )
