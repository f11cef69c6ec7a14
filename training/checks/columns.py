"""Columns as users of pandas write them, converted to those of a dataset."""

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import WANTED, ColumnValues, factorized, refuse_value
from training.errors import TrainingError

_NUMBER = re.compile(r"[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")


def converted(field: Field, values: Any) -> ColumnValues:
    """Converts a column to the values that a dataset has for the field.

    Args:
        field: The field of the column.
        values: An array, a list, or a pandas Series of any type.

    Raises:
        TrainingError: When a value has another type; it names the column, the first row and what is wanted.
    """
    column = one_dimensional(field.name, values)
    if field.type == "date":
        return days(field.name, column)
    if field.type in ("number", "integer", "boolean"):
        return numbers(field.name, column, WANTED[field.type])
    return _texts(field, column, _time if field.type == "time" else _string)


def one_dimensional(name: str, values: Any) -> ColumnValues:
    """Returns values as an array of one dimension, a Categorical as it is.

    Raises:
        TrainingError: When they have another shape.
    """
    if isinstance(values, (pd.Series, pd.Index)):
        values = values.array
    if isinstance(values, pd.Categorical):
        return values
    if isinstance(values, pd.api.extensions.ExtensionArray):
        return _of_extension(values)
    array = values if isinstance(values, np.ndarray) else _of_objects(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise TrainingError(f"The column {name!r} has the shape {array.shape}: give one value a row.")
    return array


def numbers(name: str, column: ColumnValues, wanted: str) -> NDArray[Any]:
    """Converts booleans, numbers and texts of numbers to floats, NaN where absent."""
    if isinstance(column, pd.Categorical):
        column = np.asarray(column)
    if column.dtype.kind == "f":
        return column
    if column.dtype.kind in "biu":
        return column.astype(np.float64)
    if column.dtype.kind not in "OUST":
        refuse_value(name, 0, column[0], wanted)
    return np.array(_each(name, column, _float, wanted, absent=np.nan), dtype=np.float64)


def days(name: str, column: ColumnValues) -> NDArray[np.datetime64]:
    """Converts days and points in time to days, NaT where absent; a zoned time is a day of its own zone."""
    if isinstance(column, pd.Categorical):
        column = np.asarray(column)
    if column.dtype.kind == "M":
        return column if column.dtype == "datetime64[D]" else column.astype("datetime64[D]")
    found = _each(name, column, _date, WANTED["date"], absent=np.datetime64("NaT"))
    return np.array(found, dtype="datetime64[D]")


def _of_extension(values: Any) -> NDArray[Any]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return np.asarray(values.tz_localize(None).to_numpy())
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(values.to_numpy(dtype=None))


def _of_objects(values: Any) -> NDArray[Any]:
    rows = list(values)
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


def _texts(field: Field, column: ColumnValues, read: Callable[[Any], str]) -> ColumnValues:
    """Converts each distinct value once."""
    codes, distinct = factorized(column)
    texts: list[str | None] = []
    for code, value in enumerate(distinct):
        try:
            texts.append(read(value) if value != "" else None)
        except ValueError:
            refuse_value(field.name, int(np.argmax(codes == code)), value, WANTED[field.type])
    is_complete = (codes >= 0).all() and None not in texts
    if texts == distinct and (isinstance(column, pd.Categorical) or is_complete):
        return column
    table = np.array([*texts, None], dtype=object)
    return np.asarray(table[codes])


def _each(
    name: str, column: NDArray[Any], read: Callable[[Any], Any], wanted: str, *, absent: Any
) -> list[Any]:
    found = []
    for row, value in enumerate(column.tolist() if column.dtype.kind != "O" else column):
        try:
            found.append(absent if _is_missing(value) else read(value))
        except ValueError:
            refuse_value(name, row, value, wanted)
    return found


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _float(value: Any) -> float:
    if isinstance(value, (bool, int, float, Decimal, np.number, np.bool_)):
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    raise ValueError


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    # A code such as 415; a float such as 415.0 would become "415.0", which no client sends.
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return str(value)
    raise ValueError


def _time(value: Any) -> str:
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if isinstance(value, str) and _TIME.fullmatch(value.strip()):
        return value.strip()[:5]
    raise ValueError


def _date(value: Any) -> np.datetime64:
    if isinstance(value, datetime.date):
        return np.datetime64(datetime.date(value.year, value.month, value.day))
    if isinstance(value, np.datetime64):
        return np.datetime64(value.astype("datetime64[D]"))
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return np.datetime64(datetime.date.fromisoformat(value.strip()[:10]))
    raise ValueError


def check_indexes(series: Mapping[str, pd.Series]) -> None:
    """Refuses Series of other indexes, because their rows would be combined by position."""
    (first, other), *rest = series.items()
    for name, values in rest:
        if len(values) == len(other) and not values.index.equals(other.index):
            raise TrainingError(
                f"The columns {first!r} and {name!r} are Series with different indexes, so it is not known "
                "which of their rows belong together: take them from one data frame."
            )
