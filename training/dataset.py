"""Rows to learn from, under the names of the model's fields."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Request rows whose right answer is known.

    Attributes:
        name: Where they come from, for people.
        columns: Values by field name, in the forms `bundle.Columns.encode` takes; NaN or None where absent.
        target: What is to be predicted: the label's position, or the value itself in a regression.
        dates: The day of each row in ascending order; None when the rows have no order in time.
        dropped: How many source rows could not be used, by reason.
    """

    name: str
    columns: Mapping[str, NDArray[Any]]
    target: NDArray[Any]
    dates: NDArray[np.datetime64] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.target)

    @property
    def period(self) -> tuple[str, str]:
        """First and last day in ISO form, empty when the rows have no dates."""
        return ("", "") if self.dates is None else (str(self.dates[0]), str(self.dates[-1]))

    def take(self, rows: NDArray[Any]) -> Self:
        """The rows at these positions, or under this mask."""
        return replace(
            self,
            columns={name: values[rows] for name, values in self.columns.items()},
            target=self.target[rows],
            dates=None if self.dates is None else self.dates[rows],
        )

    def without(self, names: Iterable[str]) -> Self:
        """The same rows as a client sends them who does not know these fields."""
        absent = set(names)
        return replace(self, columns={n: values for n, values in self.columns.items() if n not in absent})

    def blank(self, names: Iterable[str], rows: NDArray[np.bool_]) -> Self:
        """The same rows with these fields absent wherever `rows` is true."""
        blanked = {name: _blank(self.columns[name], rows) for name in names}
        return replace(self, columns={**self.columns, **blanked})

    def instance(self, row: int, names: Sequence[str]) -> dict[str, Any]:
        """One row as the JSON object a client would send, of these fields as far as they are present."""
        values = {name: self.columns[name][row] for name in names if name in self.columns}
        return {name: _json_value(value) for name, value in values.items() if not _is_absent(value)}


def _blank(values: NDArray[Any], rows: NDArray[np.bool_]) -> NDArray[Any]:
    absent: Any = np.nan if values.dtype.kind == "f" else None
    return np.where(rows, absent, values)


def _is_absent(value: Any) -> bool:
    return value is None or value != value  # NaN alone differs from itself


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value
