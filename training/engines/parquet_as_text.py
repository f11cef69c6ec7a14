"""Parquet files as the text that a CSV file would hold."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from training.engines.engine import UNUSED, RawFile


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
