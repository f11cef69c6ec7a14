"""Properties of a file that the driver has found, for the workers that read parts of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from scoring.inputs.rows import RowBatch


class InputForm(StrEnum):
    """Form of a file."""

    CSV = "csv"
    JSON_LINES = "json"
    PARQUET = "parquet"


@dataclass(kw_only=True)
class RecordedRows:
    """Columns of a file, with those of their values that decide how all others are read.

    Attributes:
        header: Names of its columns.
        schema: Names and types of its columns.
        decides_commas: Whether the numbers in texts may have decimal commas.
        is_plain: Whether a text file is in UTF-8 and has commas between its cells.
        values: Distinct texts of the whole file by the position of their column.
    """

    header: Sequence[str]
    schema: pa.Schema
    decides_commas: bool
    is_plain: bool
    values: dict[int, list[str]] = field(default_factory=dict)

    def batches(self) -> Iterator[RowBatch]:
        """Yields no rows: Spark reads them."""
        yield from ()

    def distinct(self, position: int) -> Iterator[Any]:
        """Yields the distinct values of the column at that position."""
        yield pa.array(self.values.get(position, ()), pa.string())


@dataclass(frozen=True, kw_only=True)
class FilePlan:
    """How a file is read.

    Attributes:
        name: Its name in the list of refused rows.
        form: Its form.
        rows: Its columns.
        delimiter: Character between the cells of a CSV file.
        is_utf8: Whether Spark reads a CSV file as UTF-8, by its beginning.
        records_before: Number of records of a CSV file before its rows.
        rows_before: Number of rows before each block of a JSON Lines file, by the block's offset.
    """

    name: str
    form: InputForm
    rows: RecordedRows
    delimiter: str = ","
    is_utf8: bool = False
    records_before: int = 0
    rows_before: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class InputTable:
    """Files of one form.

    Attributes:
        frame: Spark's table of their rows; its columns are named by their position, c0 and so on.
        plans: Plans of the files by their key.
        own: Own columns of each file by its key, as Spark writes them.
    """

    frame: Any
    plans: Mapping[str, FilePlan]
    own: Mapping[str, pa.Schema]


def file_key(url: str) -> str:
    """Returns a URL in one form: Spark may write it with escapes, and with other slashes."""
    return re.sub(r"^file:/+", "/", unquote(url))
