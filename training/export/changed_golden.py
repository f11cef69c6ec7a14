"""The difference between the manifest of a bundle that was read back and what was written."""

from collections.abc import Sequence
from typing import Any

from bundle import Golden, Manifest, Metrics


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
