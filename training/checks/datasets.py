"""The dataset and the split of a model, read, converted and checked."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from bundle.rows import value_type
from training.checks.columns import columns_by_name, converted, days
from training.checks.columns import one_dimensional as one_dimension
from training.checks.steps import as_sentence
from training.checks.targets import converted_target
from training.data.data_request import DataRequest
from training.data.dataset import Dataset
from training.data.split import Split
from training.errors import TrainingError
from training.model import Model

# With fewer rows a fifth of them says nothing.
FEWEST_DATASET_ROWS = 20


def read_dataset(model: Model, request: DataRequest) -> Dataset:
    """Reads a model's data, and converts the columns and targets that users of pandas write.

    Raises:
        TrainingError: When the data cannot be read, do not fit the model's fields and labels, or are too few.
    """
    _check_examples(model)
    with as_sentence("reading the data"):
        found = model.read(request)
    data = converted_dataset(model, found)
    if len(data) < FEWEST_DATASET_ROWS:
        raise TrainingError(
            f"{data.name} has {len(data):,} usable rows{_dropped(data)}, and training needs at least "
            f"{FEWEST_DATASET_ROWS}."
        )
    _check_labels(model, data, f"of the {len(data):,} rows of {data.name}")
    return data


def split_dataset(model: Model, data: Dataset, seed: int) -> Split:
    """Splits a model's data.

    Raises:
        TrainingError: When they cannot be split, or training rows or test rows lack a label.
    """
    with as_sentence("splitting the data"):
        split = model.split(data, seed)
    for part, title in ((split.train, "training"), (split.test, "test")):
        start, end = part.period
        period = f" ({start} to {end})" if start else ""
        _check_labels(model, part, f"of the {len(part):,} {title} rows{period}")
    return split


def converted_dataset(model: Model, data: Dataset) -> Dataset:
    """Converts a dataset's columns, targets and dates; those that need no conversion stay the same objects.

    Raises:
        TrainingError: When a column is missing, unknown, of another length, or has a value that does not fit.
    """
    columns = columns_by_name(data.columns)
    _check_names(model, columns)
    _check_indexes([*columns.items(), ("the target", data.target), ("the dates", data.dates)])
    target = converted_target(model.labels, data.target)
    _check_lengths(columns, len(target))
    fields = {field.name: field for field in model.fields}
    dates = data.dates
    if dates is not None:
        dates = days("the dates", one_dimension("the dates", dates))
        _check_lengths({"the dates": dates}, len(target))
        if np.isnat(dates).any():
            row = int(np.argmax(np.isnat(dates)))
            raise TrainingError(f"The dates of the data have no day in row {row} (the first row is 0).")
    found = replace(
        data,
        columns={name: converted(fields[name], values) for name, values in columns.items()},
        target=target,
        dates=dates,
    )
    if dates is not None and (np.diff(dates) < np.timedelta64(0, "D")).any():
        return found.take(np.argsort(dates, kind="stable"))
    return found


def _check_examples(model: Model) -> None:
    """Refuses an example that its own field refuses: the documents of the API show it to clients."""
    for field in model.fields:
        try:
            msgspec.convert(field.example, value_type(field), strict=not field.from_text)
        except msgspec.ValidationError as error:
            raise TrainingError(
                f"The field {field.name!r} refuses its own example {field.example!r} ({error}): correct one "
                "of them."
            ) from error


def _check_names(model: Model, columns: Iterable[str]) -> None:
    names = [field.name for field in model.fields]
    unknown = [name for name in columns if name not in names]
    missing = [field.name for field in model.fields if field.required and field.name not in columns]
    if unknown:
        close = get_close_matches(unknown[0], names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"the fields are {', '.join(names)}."
        raise TrainingError(f"The data have a column {unknown[0]!r}, which is no field of the model: {hint}")
    if missing:
        raise TrainingError(
            f"The data have no column {missing[0]!r}, whose field is required: give it, or declare the "
            "field with required=False."
        )


def _check_lengths(columns: dict[str, Any], rows: int) -> None:
    for name, values in columns.items():
        if len(values) != rows:
            raise TrainingError(
                f"The column {name!r} has {len(values):,} values, and the target has {rows:,}: give one "
                "value a row."
            )


def _check_indexes(columns: Iterable[tuple[str, Any]]) -> None:
    """Refuses Series of other indexes, because their rows would be combined by position."""
    series = [(name, values) for name, values in columns if isinstance(values, pd.Series)]
    for name, values in series[1:]:
        first, other = series[0]
        if len(values) == len(other) and not values.index.equals(other.index):
            raise TrainingError(
                f"The columns {first!r} and {name!r} are Series with different indexes, so it is not known "
                "which of their rows belong together: take them from one data frame."
            )


def _check_labels(model: Model, part: Dataset, where: str) -> None:
    if not model.labels:
        return
    counts = np.bincount(part.target, minlength=len(model.labels))
    missing = [label for label, count in zip(model.labels, counts, strict=True) if not count]
    if missing:
        only = [label for label, count in zip(model.labels, counts, strict=True) if count]
        raise TrainingError(
            f"None {where} has the label {missing[0]!r}, all have {' or '.join(map(repr, only))}: training "
            "needs rows of every label, and so does the test."
        )


def _dropped(data: Dataset) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in data.dropped.items())
    return f" (left out: {reasons})" if reasons else ""
