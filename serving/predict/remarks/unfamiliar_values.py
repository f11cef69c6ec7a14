"""Values of rows that training never saw: unseen strings, numbers out of range, far days."""

import datetime
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle import NUMBERS, Columns, Distribution, Field, Reference
from bundle.reference.familiar_fields import clock, near_days
from serving.predict.prediction import RowWarning
from serving.rows.request_rows import RequestColumns
from serving.rows.row_error_messages import printable

# Warnings of rows by their position among the valid rows.
FoundWarnings = defaultdict[int, list[RowWarning]]


class ValueChecker:
    """Finds the values of rows that training never saw, column by column.

    Args:
        fields: Fields that the model uses.
        reference: The values that its training saw.
    """

    def __init__(self, fields: Sequence[Field], reference: Reference) -> None:
        seen = [(field, reference.fields[field.name]) for field in fields]
        self._seen = reference.fields
        # An empty string is an absent value to the model.
        self._known = [
            (field.name, frozenset([*found.values, "", None]))
            for field, found in seen
            if (field.type == "string" and not found.others)
            or (field.type in ("text", "date") and found.is_empty)
        ]
        self._days = [(field.name, near_days(found)) for field, found in seen if found.first]
        bounds = [(field, _bounds(field, found)) for field, found in seen for _ in Columns([field]).numbers]
        self._numbers = [field for field, _ in bounds]
        self._low = np.array([low for _, (low, _) in bounds], dtype=np.float32)
        self._high = np.array([high for _, (_, high) in bounds], dtype=np.float32)

    def find(self, columns: RequestColumns, tensors: Mapping[str, Any]) -> FoundWarnings:
        """Returns the warnings of rows by their position.

        Args:
            columns: Values by field name.
            tensors: Input tensors of the same rows.
        """
        found: FoundWarnings = defaultdict(list)
        for name, known in self._known:
            column = columns.get(name, ())
            if not known.issuperset(column):
                for position in [place for place, value in enumerate(column) if value not in known]:
                    found[position].append(_unseen(name, column[position]))
        if self._numbers:
            self._find_numbers(found, columns, tensors[NUMBERS])
        self._find_days(found, columns)
        return found

    def _find_days(self, found: FoundWarnings, columns: RequestColumns) -> None:
        for name, (first, last) in self._days:
            far = {day for day in {*columns.get(name, ())} if day is not None and not first <= day <= last}
            for position, day in enumerate(columns[name]) if far else ():
                if day in far:
                    found[position].append(RowWarning("far_date", name, _far(self._seen[name], day)))

    def _find_numbers(self, found: FoundWarnings, columns: RequestColumns, numbers: Any) -> None:
        outside = (numbers < self._low) | (numbers > self._high)
        if not outside.any():
            return
        for position, column in np.argwhere(outside).tolist():
            field = self._numbers[column]
            value = columns[field.name][position]
            found[position].append(_outside(field, self._seen[field.name], value))


def _bounds(field: Field, seen: Distribution) -> tuple[float, float]:
    if field.type == "boolean":
        return float("false" not in seen.values), float("true" in seen.values)
    if field.type == "date":
        return -math.inf, math.inf
    # No number is familiar of a field without a value in training.
    return (seen.edges[0], seen.edges[-1]) if seen.edges else (math.inf, -math.inf)


def _unseen(name: str, value: Any) -> RowWarning:
    shown = str(value).lower() if isinstance(value, bool) else printable(str(value))
    return RowWarning("unseen_value", name, f"{shown} is in no row that the model was trained on.")


def _outside(field: Field, seen: Distribution, value: Any) -> RowWarning:
    if field.type == "boolean" or not seen.edges:
        return _unseen(field.name, value)
    low, high = seen.edges[0], seen.edges[-1]
    if field.type == "time":
        sentence = f"{value} is outside of {clock(int(low))} to {clock(int(high))}"
    else:
        sentence = f"{value:.7g} is outside of {low:.7g} to {high:.7g}"
    return RowWarning("out_of_range", field.name, f"{sentence}, the range that the model was trained on.")


def _far(seen: Distribution, day: datetime.date) -> str:
    first, last = seen.days
    if day < first:
        where = f"{(first - day).days:,} days before {first}, the first day"
    else:
        where = f"{(day - last).days:,} days after {last}, the last day"
    return f"{day} is {where} that the model was trained on."
