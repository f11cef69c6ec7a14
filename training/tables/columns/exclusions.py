"""Columns that are no fields: absent everywhere, constant, repeated, identifiers."""

import re
from hashlib import sha256

import numpy as np
import pandas as pd

from training.tables.columns.cells import Cells
from training.tables.columns.table_column import TableColumn

FEWEST_IDENTIFIED_ROWS = 20
# Share of distinct values from which strings identify rows.
DISTINCT_SHARE = 0.95
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ID_WORDS = {
    "id",
    "ids",
    "uuid",
    "guid",
    "key",
    "pk",
    "identifier",
    "index",
    "idx",
    "rownames",
    "rowid",
    "unnamed",
}


def is_absent_everywhere(name: str, cells: Cells) -> str:
    """Returns the sentence of a column without a value that a field can have; "" for another column."""
    if cells.kind == "none":
        return f"The column {name!r} is left out: it has no value in any row."
    if cells.kind == "nested":
        return f"The column {name!r} is left out: its values are lists or structures, which no field has."
    return ""


def is_identifier_name(name: str) -> bool:
    """Whether the name of a column says that it identifies something, such as "customer_id"."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return bool(words) and (words[-1] in _ID_WORDS or words[0] in ("unnamed", "rownames"))


class Exclusions:
    """Finds the columns of one table that are left out, in the order of the table."""

    def __init__(self) -> None:
        self._seen: dict[bytes, str] = {}

    def applied(self, column: TableColumn, cells: Cells) -> TableColumn:
        """Copies the column with the reason to leave it out, if there is one."""
        codes = _codes(cells)
        reason = _constant(column.name, codes) or self._repeated(column, codes) or _identifier(column, codes)
        return column.without(reason) if reason else column

    def _repeated(self, column: TableColumn, codes: np.typing.NDArray[np.intp]) -> str:
        digest = sha256(f"{column.field.type}:".encode() + np.ascontiguousarray(codes).tobytes()).digest()
        first = self._seen.setdefault(digest, column.name)
        if first == column.name:
            return ""
        return f"The column {column.name!r} is left out: it says the same as {first!r} in every row."


def _codes(cells: Cells) -> np.typing.NDArray[np.intp]:
    """Returns codes of the values in the order of their first rows, -1 where absent."""
    codes = cells.codes if cells.kind == "text" else pd.factorize(cells.values)[0]
    return np.asarray(codes, dtype=np.intp)


def _constant(name: str, codes: np.typing.NDArray[np.intp]) -> str:
    if codes.max(initial=-1) == 0 and codes.min() == 0:
        return f"The column {name!r} is left out: it has the same value in every row."
    return ""


def _identifier(column: TableColumn, codes: np.typing.NDArray[np.intp]) -> str:
    known = int((codes >= 0).sum())
    distinct = int(codes.max(initial=-1)) + 1
    kind, name = column.field.type, column.name
    if known < FEWEST_IDENTIFIED_ROWS or kind not in ("string", "integer"):
        return ""
    if kind == "string" and not column.field.values and distinct > DISTINCT_SHARE * known:
        return f"The column {name!r} is left out: nearly every row has its own value, so it identifies rows."
    if is_identifier_name(name):
        return (
            f"The column {name!r} is left out: by its name it identifies rows, and says nothing of new ones."
        )
    return ""
