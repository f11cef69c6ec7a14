"""A flights file as engines read it: every column as text."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

# Prefix of the columns that no expression reads.
UNUSED = "unused_"


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A plain CSV or Parquet file.

    Attributes:
        path: The file on this machine.
        header: Column names in the file.
        columns: Column names in the engine's table, in the same order.
        name: The file's name in messages.
    """

    path: Path
    header: tuple[str, ...]
    columns: tuple[str, ...]
    name: str

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet; otherwise it is CSV."""
        return self.path.suffix.lower() == ".parquet"

    def source_name(self, column: str) -> str:
        """Returns the name in the file of one of our columns."""
        return self.header[self.columns.index(column)]


def as_text(typed: ir.Table, file: RawFile) -> ir.Table:
    """Renames the columns of a Parquet file and casts each to the text that a CSV file would hold."""
    names = dict(zip(file.columns, file.header, strict=True))
    return typed.select(
        **{new: _text(typed[old]) for new, old in names.items() if not new.startswith(UNUSED)}
    )


@contextmanager
def plain_text(file: RawFile) -> Iterator[Path]:
    """Writes a Parquet file as a temporary CSV file, for an engine that reads only CSV."""
    if not file.is_parquet:
        yield file.path
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.csv"
        parquet = pq.ParquetFile(file.path)
        schema = pa.schema([(name, pa.string()) for name in file.header])
        with pa_csv.CSVWriter(path, schema) as writer:
            for batch in parquet.iter_batches():
                writer.write_batch(pa.record_batch([_as_strings(c) for c in batch.columns], schema=schema))
        yield path


def _text(column: ir.Column) -> ir.StringColumn:
    if isinstance(column, ir.BooleanColumn):
        column = column.cast("int8")
    return column if column.type() == ibis.dtype("string") else column.cast("string")


def _as_strings(column: pa.Array) -> pa.Array:
    return (column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column).cast(pa.string())
