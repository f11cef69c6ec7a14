"""Prediction of one row, as it is encoded in a response body, with its warnings and reasons."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class RowWarning(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A reason to trust one prediction less.

    Attributes:
        kind: Kind of the warning, a key of `bundle.WARNINGS`.
        field: Name of the field; None when the warning is about the whole row.
        sentence: The unusual property of the row, for people.
    """

    kind: str
    field: str | None = None
    sentence: str = ""


class Reason(msgspec.Struct, frozen=True, gc=False):
    """The contribution of one field, or of fields that belong together, to one prediction.

    Attributes:
        field: Name of the field, or title of the group.
        value: Its value in the request; the values of a group by name.
        contribution: Change of the prediction by the field, in the scale of the prediction.
        sentence: The same for people.
    """

    field: str
    value: Any
    contribution: float
    sentence: str


class QuantileRange(msgspec.Struct, frozen=True, gc=False):
    """Quantiles of the second target: the median, and the ends of the range around it."""

    low: float
    median: float
    high: float


class _Remarks(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    # UNSET is not encoded.
    baseline: float | UnsetType = UNSET
    reasons: list[Reason] | UnsetType = UNSET
    rest: float | UnsetType = UNSET
    reasons_error: float | UnsetType = UNSET
    warnings: list[RowWarning] | UnsetType = UNSET
    # Encoded under the name of the target, which subclasses give it.
    quantiles: QuantileRange | UnsetType = UNSET


class LabelPrediction(_Remarks, frozen=True):
    """The predicted label and its probability; a binary model gives that of the positive label."""

    label: str
    probability: float


class ClassPrediction(LabelPrediction, frozen=True):
    """The predicted label and the probability of every label."""

    probabilities: dict[str, float]


class ValueRange(msgspec.Struct, frozen=True, gc=False):
    """Lower and upper end of the interval of a value."""

    low: float
    high: float


class ValuePrediction(_Remarks, frozen=True):
    """The predicted number, in the unit of the model's target, and its interval if the bundle has one."""

    value: float
    interval: ValueRange | UnsetType = UNSET


Prediction = LabelPrediction | ClassPrediction | ValuePrediction


def count_warnings(predictions: Iterable[Prediction]) -> dict[str, int] | None:
    """Returns the number of warnings by kind; None without any."""
    counts: dict[str, int] = {}
    for one in predictions:
        for warning in one.warnings or ():
            counts[warning.kind] = counts.get(warning.kind, 0) + 1
    return counts or None
