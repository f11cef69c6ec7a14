"""Columns that are no fields: absent everywhere, constant, repeated, identifiers."""

import re
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.tables.columns.cells import Cells
from training.tables.columns.table_column import TableColumn

FEWEST_IDENTIFIED_ROWS = 20
# Share of distinct values from which strings identify rows.
DISTINCT_SHARE = 0.95
_START_ROWS = 1_000
# Shares of distinct values of the rows up to which columns that are one to one are so not by chance.
_FEW_TEXTS, _FEW_VALUES = 0.5, 0.1
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ID_WORDS = {
    *("id", "ids", "idno", "idnum", "pid", "uid", "uuid", "guid", "key", "pk", "identifier", "idx"),
    *("rownames", "rowid", "unnamed"),
}
# "row_index" numbers rows, and "body mass index" measures something.
_INDEXED = {"row", "line", "record", "obs", "observation", "item", "level", "df"}
# A category: few values of many rows each, whatever its name.
_MOST_CATEGORIES, _FEWEST_ROWS_A_CATEGORY = 30, 50


def is_absent_everywhere(name: str, cells: Cells) -> str:
    """Returns the sentence of a column without a value that a field can have; "" for another column."""
    if cells.kind == "none":
        return f"The column {name!r} is left out: it has no value in any row."
    if cells.kind == "nested":
        return (
            f"The column {name!r} is left out: its values are lists, objects, durations or bytes, which no "
            f"field has. Write a duration as a number of seconds, and a list or an object as one column for "
            f"each value in it, such as {name + '.city'!r} (pandas.json_normalize does so for objects)."
        )
    return ""


def is_identifier_name(name: str) -> bool:
    """Whether the name of a column says that it identifies something, such as "customer_id"."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if words[-1:] == ["index"]:
        return len(words) == 1 or words[-2] in _INDEXED
    return bool(words) and (words[-1] in _ID_WORDS or words[0] in ("unnamed", "rownames"))


class Exclusions:
    """Finds the columns of one table that are left out, in the order of the table."""

    def __init__(self) -> None:
        # Most columns differ in their first rows, so that few are compared as a whole.
        self._starts: dict[bytes, tuple[TableColumn, Cells] | None] = {}
        self._wholes: dict[bytes, str] = {}

    def applied(self, column: TableColumn, cells: Cells) -> TableColumn:
        """Copies the column with the reason to leave it out, if there is one."""
        reason = _constant(column.name, cells) or self._repeated(column, cells) or _identifier(column, cells)
        if not reason:
            return column
        # Strings that might have been numbers may look like identifiers.
        return column.without(" ".join([reason, *(column.notes if column.field.type == "string" else ())]))

    def _repeated(self, column: TableColumn, cells: Cells) -> str:
        start = _digest(column, cells, _START_ROWS)
        if start not in self._starts:
            self._starts[start] = column, cells
            return ""
        if earlier := self._starts[start]:
            self._wholes[_digest(*earlier)] = earlier[0].name
            self._starts[start] = None
        first = self._wholes.setdefault(_digest(column, cells), column.name)
        if first == column.name:
            return ""
        return f"The column {column.name!r} is left out: it says the same as {first!r} in every row."


def _digest(column: TableColumn, cells: Cells, rows: int | None = None) -> bytes:
    """Returns a digest of the first rows that is the same in columns that say the same.

    Columns of few values do if these are one to one. Those of many are one to one by chance, because no row
    repeats another: texts must be equal then, and numbers and times on one scale.
    """
    if cells.kind == "text":
        codes = pd.factorize(cells.codes[:rows])[0]
        many = codes.max(initial=0) > _FEW_TEXTS * len(codes)
        said = "".join(f"{text}\n" for text in cells.texts[: codes.max(initial=0) + 1]) if many else ""
    else:
        codes = pd.factorize(cells.values[:rows])[0]
        many = codes.max(initial=0) > _FEW_VALUES * len(codes)
        said = sha256(_on_one_scale(cells.values[:rows]).tobytes()).hexdigest() if many else ""
    return sha256(f"{column.field.type}:{said}:".encode() + codes.astype(np.int32).tobytes()).digest()


def _on_one_scale(values: NDArray[Any]) -> NDArray[np.float64]:
    """Returns values from the first one as 0, in steps to the first other one, to nine digits."""
    numbers = values.astype("datetime64[us]").astype(np.float64) if values.dtype.kind == "M" else values
    known = numbers[~pd.isna(values)]
    steps = np.where(pd.isna(values), np.nan, numbers - known[0])
    step = steps[np.flatnonzero(np.nan_to_num(steps))[0]]
    return np.asarray(np.round(steps / step, 9)) + 0.0


def _constant(name: str, cells: Cells) -> str:
    values = cells.codes if cells.kind == "text" else cells.values
    if not cells.absent.any() and (values == values[0]).all():
        return f"The column {name!r} is left out: it has the same value in every row."
    return ""


def _identifier(column: TableColumn, cells: Cells) -> str:
    known = int((~cells.absent).sum())
    distinct = len(cells.texts)
    kind, name = column.field.type, column.name
    if known < FEWEST_IDENTIFIED_ROWS or kind not in ("string", "integer"):
        return ""
    if kind == "string" and not column.field.values and distinct > DISTINCT_SHARE * known:
        return f"The column {name!r} is left out: nearly every row has its own value, so it identifies rows."
    if is_identifier_name(name) and not _is_category(cells, known):
        return (
            f"The column {name!r} is left out: by its name it identifies rows, and says nothing of new ones."
        )
    if kind == "integer" and _is_counter(cells):
        return f"The column {name!r} is left out: it numbers the rows, and says nothing of new ones."
    return ""


def _is_category(cells: Cells, known: int) -> bool:
    distinct = len(cells.texts) if cells.kind == "text" else len(np.unique(cells.values[~cells.absent]))
    return distinct <= min(_MOST_CATEGORIES, known / _FEWEST_ROWS_A_CATEGORY)


def _is_counter(cells: Cells) -> bool:
    """Whether numbers count the rows one by one, as an index that was saved with its table does."""
    values = cells.values
    return cells.kind == "number" and bool((np.diff(values) == 1).all()) and values[0] in (0, 1)
