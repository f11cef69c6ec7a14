"""Rows of one input file: its own columns, batch by batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

ROWS_A_PART = 1 << 18


@dataclass(frozen=True, kw_only=True)
class RowBatch:
    """Some rows in the order of their file.

    Attributes:
        rows: Own columns of the file.
        done: Share of the file that has been read with them.
        malformed: Rules that rows without named values break, by their position in the batch.
        json: JSON texts of the values by the position of their column, in a file of JSON.
    """

    rows: pa.RecordBatch
    done: float
    malformed: Mapping[int, str] = field(default_factory=dict)
    json: Mapping[int, pa.Array] = field(default_factory=dict)


class InputRows(Protocol):
    """A file of rows.

    Attributes:
        header: Names of its columns.
        schema: Names and types of its columns in the output.
        decides_commas: Whether the numbers in texts may have decimal commas.
        is_plain: Whether a text file is in UTF-8 and has commas between its cells.
    """

    header: Sequence[str]
    schema: pa.Schema
    decides_commas: bool
    is_plain: bool

    def batches(self) -> Iterator[RowBatch]:
        """Yields all rows."""

    def distinct(self, position: int) -> Iterator[Any]:
        """Yields the distinct values of the column at that position, batch by batch."""
