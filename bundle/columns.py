"""Request rows as the model's input tensors: the one feature code, for training and for serving."""

import datetime
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bundle.field import Field, FieldType

NUMBERS = "numbers"
STRINGS = "strings"

_PARTS: dict[FieldType, tuple[str, ...]] = {
    "date": ("month", "day", "day_of_week", "day_of_year"),
    "time": ("minutes",),
}


class Columns:
    """The columns that a model's fields become.

    Attributes:
        numbers: Names of the float32 columns of the `numbers` tensor, in order. A number is one column; a
            date `d` becomes d_month, d_day, d_day_of_week (Monday is 0) and d_day_of_year; a time `t`
            becomes t_minutes since midnight.
        strings: Names of the columns of the `strings` tensor, in order.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        self._numeric = [field for field in fields if field.type not in ("string", "text")]
        self.strings = tuple(field.name for field in fields if field.type in ("string", "text"))
        self.numbers = tuple(name for field in self._numeric for name in _column_names(field))

    def encode(self, columns: Mapping[str, Sequence[Any]], size: int) -> dict[str, Any]:
        """The input tensors of `size` rows.

        Args:
            columns: Values by field name, each `size` long, None where absent: float or int for numbers,
                `datetime.date` for dates, "HH:MM" for times, str for the rest. A field that is not among
                them is absent in every row.
            size: Number of rows.

        Returns:
            `numbers`, float32 of shape (size, len(self.numbers)), NaN where absent; and `strings`, str
            objects of shape (size, len(self.strings)), "" where absent. One without columns is left out.
        """
        tensors: dict[str, Any] = {}
        if self.numbers:
            tensors[NUMBERS] = self._encode_numbers(columns, size)
        if self.strings:
            tensors[STRINGS] = self._encode_strings(columns, size)
        return tensors

    def _encode_numbers(self, columns: Mapping[str, Sequence[Any]], size: int) -> Any:
        tensor = np.full((size, len(self.numbers)), np.nan, dtype=np.float32)
        start = 0
        for field in self._numeric:
            width = len(_column_names(field))
            values = columns.get(field.name)
            if values is not None:
                convert = _CONVERTERS.get(field.type)
                numbers = values if convert is None else [convert(value) for value in values]
                tensor[:, start : start + width] = np.asarray(numbers, dtype=np.float32).reshape(size, width)
            start += width
        return tensor

    def _encode_strings(self, columns: Mapping[str, Sequence[Any]], size: int) -> Any:
        tensor = np.full((size, len(self.strings)), "", dtype=object)
        for position, name in enumerate(self.strings):
            values = columns.get(name)
            if values is not None:
                tensor[:, position] = [value or "" for value in values]
        return tensor


def _column_names(field: Field) -> tuple[str, ...]:
    parts = _PARTS.get(field.type)
    return tuple(f"{field.name}_{part}" for part in parts) if parts else (field.name,)


@functools.lru_cache(maxsize=4096)
def _date_parts(date: datetime.date | None) -> tuple[float, ...]:
    if date is None:
        return (math.nan,) * len(_PARTS["date"])
    return date.month, date.day, date.weekday(), date.timetuple().tm_yday


@functools.lru_cache(maxsize=2048)
def _minutes(time: str | None) -> float:
    return math.nan if time is None else int(time[:2]) * 60 + int(time[3:])


_CONVERTERS: dict[FieldType, Callable[[Any], Any]] = {"date": _date_parts, "time": _minutes}
