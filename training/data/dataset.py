"""Labelled rows under the names of the model's fields, and the rules of a field for its column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NoReturn, Self, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Field
from bundle.field import RowRule
from bundle.texts.counted_noun import counted
from training.errors import TrainingError

# A Categorical keeps each distinct string once, so that millions of rows fit in memory.
ColumnValues: TypeAlias = NDArray[Any] | pd.Categorical

# The categories of a time's Categorical: the code of "HH:MM" is its minute of the day.
CLOCK = pd.Index([f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)], dtype=object)

# In the code of a model, and in the file of a table's fields.
_OPTIONAL = ("required=False", "required = false")
_ROWS_AT_ONCE = 1_000_000

# Values of a column by the type of its field, in the words of messages.
WANTED = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "string": "a string",
    "text": "a string",
    "date": "a day, such as a datetime64 or '2018-01-31'",
    "time": "a time such as '17:45'",
}


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Request rows and their labels.

    Attributes:
        name: Source of the rows, as shown to users.
        columns: Values by field name: numbers as floats, NaN where absent; booleans as bool, or as
            objects with None where absent; days as datetime64[D]; times as a
            Categorical over `CLOCK`; "HH:MM" and other strings as objects or as a Categorical, None where
            absent.
        target: The position of the row's label, or the value itself in a regression.
        numeric_target: The number of the model's second target; None when the data have none.
        dates: The day of each row in ascending order; None when the rows have no order in time.
        dropped: Number of unusable source rows by reason.
        held_out: Share of the source rows, by their digests, that are left out for a judge; 0 for none.
        file_rows: Number of each row in its file, 1 for the first one below the header; None when the rows
            have no file.
    """

    name: str
    columns: Mapping[str, ColumnValues]
    target: NDArray[Any]
    dates: NDArray[np.datetime64] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    numeric_target: NDArray[Any] | None = None
    held_out: float = 0.0
    file_rows: NDArray[np.intp] | None = None

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

    def take(self, rows: NDArray[Any] | slice) -> Self:
        """Selects rows by position, by a boolean mask, or by a slice, which shares their memory."""
        return replace(
            self,
            columns={name: values[rows] for name, values in self.columns.items()},
            target=self.target[rows],
            dates=None if self.dates is None else self.dates[rows],
            numeric_target=None if self.numeric_target is None else self.numeric_target[rows],
            file_rows=None if self.file_rows is None else self.file_rows[rows],
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


def check_values(field: Field, values: ColumnValues, file_rows: NDArray[np.intp] | None = None) -> None:
    """Checks that the values of a column keep the rules of its field.

    Args:
        field: The field.
        values: The values.
        file_rows: As in `Dataset`.

    Raises:
        TrainingError: When one does not; it names the column, the first row and what is wanted.
    """
    if field.type in ("number", "integer", "boolean"):
        _check_numbers(field, np.asarray(values), file_rows)
    elif field.type in ("string", "text"):
        codes, distinct = factorized(values)
        for code, text in enumerate(distinct):
            if (rule := _broken_rule(field, text)) and (codes == code).any():
                refuse_value(field.name, int(np.argmax(codes == code)), text, rule, file_rows)
    absent = np.asarray(pd.isna(values))
    if field.required and absent.any():
        raise TrainingError(
            f"The column {field.name!r} has no value in {absent.sum():,} of {counted(len(absent), 'row')}, "
            f"first in {_row_name(int(np.argmax(absent)), file_rows)}, and its field is required: leave out "
            f"these rows, or declare the field with {_OPTIONAL[file_rows is not None]}."
        )


def check_row_rules(
    fields: Sequence[Field],
    columns: Mapping[str, ColumnValues],
    file_rows: NDArray[np.intp] | None = None,
) -> None:
    """Checks that every row keeps the rules that fields state: bounds of dates, comparisons of two fields.

    Args:
        fields: The fields.
        columns: Their values, by name.
        file_rows: As in `Dataset`.

    Raises:
        TrainingError: When one does not; it names the columns, the first row and its values.
    """
    for rule in chain.from_iterable(one.row_rules() for one in fields):
        if all(name in columns for name in rule.fields):
            _check_row_rule(rule, [columns[name] for name in rule.fields], file_rows)


def _check_row_rule(
    rule: RowRule, columns: Sequence[ColumnValues], file_rows: NDArray[np.intp] | None
) -> None:
    # In blocks, because the codes of all rows at once were the peak of the memory of five years of flights.
    starts = range(0, len(columns[0]), _ROWS_AT_ONCE)
    blocks = ([column[start : start + _ROWS_AT_ONCE] for column in columns] for start in starts)
    found = [start + _broken_rows(rule, block) for start, block in zip(starts, blocks, strict=True)]
    count = sum(map(len, found))
    if count:
        row = int(next(rows[0] for rows in found if len(rows)))
        values = ", ".join(
            f"{name} {str(_json_value(column[row]))[:50]!r}"
            for name, column in zip(rule.fields, columns, strict=True)
        )
        verb = "breaks" if count == 1 else "break"
        raise TrainingError(
            f"{counted(count, 'row')} {verb} a rule of the field {rule.fields[0]!r}, first "
            f"{_row_name(row, file_rows)} with {values}: leave out these rows, or change earliest, latest, "
            "differs_from or not_less_than of the field."
        )


def _broken_rows(rule: RowRule, columns: Sequence[ColumnValues]) -> NDArray[np.intp]:
    """Returns the positions of the rows that break a rule, asked once for each combination of values."""
    codes, distinct = zip(*map(factorized, columns), strict=True)
    present = np.flatnonzero(np.logical_and.reduce([column >= 0 for column in codes]))
    if not len(present):
        return present
    sizes = [len(values) for values in distinct]
    together = np.ravel_multi_index([column[present] for column in codes], sizes)
    broken = [
        code
        for code in pd.unique(together)
        if not rule.holds(
            *(values[at] for values, at in zip(distinct, np.unravel_index(code, sizes), strict=True))
        )
    ]
    return present[np.isin(together, broken)]


def _row_name(row: int, file_rows: NDArray[np.intp] | None) -> str:
    return (
        f"row {row} (the first row is 0)" if file_rows is None else f"row {file_rows[row]} below the header"
    )


def refuse_value(
    name: str, row: int, value: Any, wanted: str, file_rows: NDArray[np.intp] | None = None
) -> NoReturn:
    """Raises the TrainingError of a value that is not what the column wants."""
    shown = repr(value)[:50]
    raise TrainingError(
        f"The column {name!r} has {shown} in {_row_name(row, file_rows)}, which is not {wanted}: correct "
        "the value, or the field."
    )


def _check_numbers(field: Field, found: NDArray[Any], file_rows: NDArray[np.intp] | None) -> None:
    kind: str = field.type
    if kind == "boolean":
        rules = [(~np.isnan(found) & (found != 0) & (found != 1), WANTED[kind])]
    else:
        rules = [
            (np.isinf(found), "a finite number"),
            (found < field.lowest, f"at least the field's minimum, {field.lowest:g}"),
            (found > field.highest, f"at most the field's maximum, {field.highest:g}"),
        ]
    if kind == "integer":
        rules.append((~np.isnan(found) & (found != np.floor(found)), WANTED[kind]))
    for wrong, wanted in rules:
        if wrong.any():
            row = int(np.argmax(wrong))
            refuse_value(field.name, row, found[row].item(), wanted, file_rows)


def _broken_rule(field: Field, text: str) -> str:
    """Returns what the field wants instead of the text, "" if it accepts it."""
    if field.values:
        return "" if text in field.values else f"one of {', '.join(field.values)}, the field's values"
    if len(text) > field.longest:
        return f"of at most {field.longest:,} characters"
    if field.shape and not re.search(field.shape, text):
        return f"of the field's pattern {field.shape}"
    return ""


def _is_absent(value: Any) -> bool:
    return value is None or value != value  # NaN and NaT alone differ from themselves


def _json_value(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return str(value)
    return value.item() if isinstance(value, np.generic) else value
