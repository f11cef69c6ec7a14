"""Labelled rows under the names of the model's fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A Categorical keeps each distinct string once, so that millions of rows fit in memory.
ColumnValues: TypeAlias = NDArray[Any] | pd.Categorical

# The categories of a time's Categorical: the code of "HH:MM" is its minute of the day.
CLOCK = pd.Index([f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)], dtype=object)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Request rows and their labels.

    Attributes:
        name: Source of the rows, as shown to users.
        columns: Values by field name: numbers as floats, NaN where absent; days as datetime64[D]; times as a
            Categorical over `CLOCK`; "HH:MM" and other strings as objects or as a Categorical, None where
            absent.
        target: The position of the row's label, or the value itself in a regression.
        dates: The day of each row in ascending order; None when the rows have no order in time.
        dropped: Number of unusable source rows by reason.
    """

    name: str
    columns: Mapping[str, ColumnValues]
    target: NDArray[Any]
    dates: NDArray[np.datetime64] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.target)

    @property
    def period(self) -> tuple[str, str]:
        """First and last day in ISO form, empty when the rows have no dates."""
        return ("", "") if self.dates is None else (str(self.dates[0]), str(self.dates[-1]))

    @property
    def known_fields(self) -> frozenset[str]:
        """The fields that have a value in some row."""
        return frozenset(name for name, values in self.columns.items() if not pd.isna(values).all())

    def take(self, rows: NDArray[Any]) -> Self:
        """Selects rows by position or by a boolean mask."""
        return replace(
            self,
            columns={name: values[rows] for name, values in self.columns.items()},
            target=self.target[rows],
            dates=None if self.dates is None else self.dates[rows],
        )

    def without(self, names: Iterable[str]) -> Self:
        """Drops fields: the same rows as sent by a client without these fields."""
        absent = set(names)
        return replace(self, columns={n: values for n, values in self.columns.items() if n not in absent})

    def instance(self, row: int, names: Sequence[str]) -> dict[str, Any]:
        """Formats one row as the JSON object of a request, with the named fields that are present."""
        values = {name: self.columns[name][row] for name in names if name in self.columns}
        return {name: _json_value(value) for name, value in values.items() if not _is_absent(value)}


def factorized(values: ColumnValues) -> tuple[NDArray[Any], list[Any]]:
    """Encodes a column as codes, -1 where absent, and the list of its distinct values as Python objects."""
    if isinstance(values, pd.Categorical):
        return np.asarray(values.codes, dtype=np.intp), values.categories.tolist()
    codes, distinct = pd.factorize(values)
    is_date = values.dtype.kind == "M"
    return codes, (distinct.astype("datetime64[D]") if is_date else distinct).tolist()


def _is_absent(value: Any) -> bool:
    return value is None or value != value  # NaN and NaT alone differ from themselves


def _json_value(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return str(value)
    return value.item() if isinstance(value, np.generic) else value
