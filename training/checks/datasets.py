"""The dataset and the split of a model, read, converted and checked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from bundle import Field
from bundle.texts.counted_noun import counted
from training.checks.columns import check_indexes, converted, days, one_dimensional
from training.checks.error_sentences import step_error
from training.checks.targets import TARGET, converted_target
from training.data.data_options import DataOptions
from training.data.dataset import CLOCK, Dataset, check_row_rules, check_values
from training.data.holdout import without_holdout
from training.data.split import Split
from training.errors import TrainingError
from training.model import Model

DATES, NUMERIC_TARGET = "the dates", "the second target"
# With fewer rows a fifth of them says nothing.
FEWEST_DATASET_ROWS = 20


def read_dataset(model: Model, options: DataOptions) -> Dataset:
    """Reads a model's data, and converts the columns and targets that users of pandas write.

    Raises:
        TrainingError: When the data cannot be read, do not fit the model's fields and labels, or are too few.
    """
    try:
        found = model.read(options)
    except TrainingError:
        raise
    except Exception as error:
        raise step_error("reading the data", error) from error
    data = converted_dataset(model, found)
    if options.holdout:
        data = without_holdout(data, options.holdout)
    if len(data) < FEWEST_DATASET_ROWS:
        raise TrainingError(
            f"{data.name} has {counted(len(data), 'usable row')}{_dropped(data)}{_held_out(options)}, and "
            f"training needs at least {FEWEST_DATASET_ROWS}."
        )
    _check_labels(model, data, f"of the {len(data):,} rows of {data.name}")
    return data


def split_dataset(model: Model, data: Dataset, seed: int) -> Split:
    """Splits a model's data.

    Raises:
        TrainingError: When they cannot be split, or training rows or test rows lack a label.
    """
    try:
        split = model.split(data, seed)
    except TrainingError:
        raise
    except Exception as error:
        raise step_error("splitting the data", error) from error
    for part, title in ((split.train, "training"), (split.test, "test")):
        start, end = part.period
        period = f" ({start} to {end})" if start else ""
        _check_labels(model, part, f"of the {len(part):,} {title} rows{period}")
    return split


def converted_dataset(model: Model, data: Dataset) -> Dataset:
    """Converts a dataset's columns, target and dates that have another form than `Dataset` documents.

    Raises:
        TrainingError: When a column is missing, unknown, of another length, or has a value that does not fit.
    """
    columns = {str(name): data.columns[name] for name in data.columns}
    _check_names(model, columns)
    given = {**columns, TARGET: data.target, NUMERIC_TARGET: data.numeric_target, DATES: data.dates}
    if series := {name: values for name, values in given.items() if isinstance(values, pd.Series)}:
        check_indexes(series)
    is_normal = _is_normal_target(model.labels, data.target)
    target = data.target if is_normal else converted_target(model.labels, data.target)
    _check_lengths(columns, len(target))
    fields = {field.name: field for field in model.fields}
    for name, values in columns.items():
        columns[name] = values if _is_normal(fields[name], values) else converted(fields[name], values)
        check_values(fields[name], columns[name], data.file_rows)
    check_row_rules(model.fields, columns, data.file_rows)
    second = _numeric_target(data.numeric_target, len(target))
    dates = _dates(data.dates, len(target))
    found = replace(data, columns=columns, target=target, dates=dates, numeric_target=second)
    if found.dates is not None and (np.diff(found.dates) < np.timedelta64(0, "D")).any():
        return found.take(np.argsort(found.dates, kind="stable"))
    return found


def _is_normal_target(labels: Sequence[str], target: Any) -> bool:
    """Whether a target has the positions of labels, or the values of a regression."""
    if not isinstance(target, np.ndarray) or target.ndim != 1 or not len(target):
        return False
    if not labels:
        return target.dtype.kind == "f" and bool(np.isfinite(target).all())
    return target.dtype.kind in "iu" and target.min() >= 0 and target.max() < len(labels)


def _is_normal(field: Field, values: Any) -> bool:
    """Whether a column has the form that `Dataset` documents; its values may break the rules of the field."""
    if isinstance(values, pd.Categorical):
        texts = values.categories
        if field.type == "time":
            return bool(texts.equals(CLOCK))
        return field.type in ("string", "text") and all(isinstance(text, str) and text for text in texts)
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        return False
    kinds = {"date": "datetime64[D]", "number": "f", "integer": "f", "boolean": "f"}
    return kinds.get(field.type) in (values.dtype.kind, values.dtype.name)


def _numeric_target(values: Any, rows: int) -> Any:
    if values is None:
        return None
    _check_lengths({NUMERIC_TARGET: values}, rows)
    # Targets of a regression are values, which is what a model without labels has.
    return values if _is_normal_target((), values) else converted_target((), values)


def _dates(dates: Any, rows: int) -> Any:
    if dates is None:
        return None
    if not (isinstance(dates, np.ndarray) and dates.dtype == "datetime64[D]"):
        dates = days(DATES, one_dimensional(DATES, dates))
    _check_lengths({DATES: dates}, rows)
    if np.isnat(dates).any():
        row = int(np.argmax(np.isnat(dates)))
        raise TrainingError(f"The dates of the data have no day in row {row} (the first row is 0).")
    return dates


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
                f"The column {name!r} has {counted(len(values), 'value')}, and the target has {rows:,}: "
                "give one value a row."
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


def _held_out(options: DataOptions) -> str:
    return f" without the {options.holdout} days that are held out" if options.holdout else ""


def _dropped(data: Dataset) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in data.dropped.items())
    return f" (left out: {reasons})" if reasons else ""
