"""Formats of the output: parts that threads write, and the whole file made of them."""

import base64
import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from scoring.columns.python_values import is_binary, python_values
from scoring.outputs.parquet_footer import MAGIC, append, empty, read_footer, write_footer

_encode = msgspec.json.Encoder(decimal_format="number").encode


class OutputFormat(Protocol):
    """A format of rows."""

    def write_part(self, path: Path, table: pa.Table) -> None:
        """Writes some rows."""

    def join(
        self, out: BinaryIO, parts: Sequence[Path], schema: pa.Schema, metadata: Mapping[str, str]
    ) -> None:
        """Writes the whole file.

        Args:
            out: The file.
            parts: Files that `write_part` wrote, in order.
            schema: Names and types of the columns.
            metadata: Origin that the file states, where its format can.
        """


class ParquetFormat:
    """Parquet; each part is a row group."""

    def write_part(self, path: Path, table: pa.Table) -> None:
        """Writes some rows as a Parquet file."""
        dictionary = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
        # Smallest and largest texts would take a quarter of the time of writing.
        numbers = [field.name for field in table.schema if not pa.types.is_dictionary(field.type)]
        # The whole file states the Arrow schema, in which a dictionary of texts is a text.
        pq.write_table(
            table, path, use_dictionary=dictionary, write_statistics=numbers or False, store_schema=False
        )

    def join(
        self, out: BinaryIO, parts: Sequence[Path], schema: pa.Schema, metadata: Mapping[str, str]
    ) -> None:
        """Copies the pages of the parts, and writes one footer."""
        arrow = base64.b64encode(schema.serialize().to_pybytes()).decode()
        footer: Any = None
        out.write(MAGIC)
        for part in parts:
            found, size = read_footer(part)
            if footer is None:
                footer = empty(found, {**metadata, "ARROW:schema": arrow})
            append(footer, found, out.tell() - len(MAGIC))
            with part.open("rb") as file:
                file.seek(len(MAGIC))
                _copy(file, out, size - len(MAGIC))
        write_footer(out, footer)


class CsvFormat:
    """CSV with a header (RFC 4180); an absent value is an empty cell."""

    def write_part(self, path: Path, table: pa.Table) -> None:
        """Writes some rows without a header; cells are quoted in a part where one needs it."""
        rows = pa.table([_cells(column) for column in table.columns], names=table.column_names)
        for style in ("none", "needed"):
            options = pa_csv.WriteOptions(include_header=False, quoting_style=style)
            try:
                pa_csv.write_csv(rows, path, options)
            except pa.ArrowInvalid:
                if style == "needed":
                    raise
            else:
                return

    def join(
        self, out: BinaryIO, parts: Sequence[Path], schema: pa.Schema, metadata: Mapping[str, str]
    ) -> None:
        """Writes the header and the rows of the parts."""
        del metadata
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(schema.names)
        out.write(line.getvalue().encode())
        _join(out, parts)


class JsonLinesFormat:
    """JSON Lines: an object on each line."""

    def write_part(self, path: Path, table: pa.Table) -> None:
        """Writes some rows."""
        names, columns = table.column_names, [python_values(column) for column in table.columns]
        rows = (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
        path.write_bytes(b"".join([_encode(row) + b"\n" for row in rows]))

    def join(
        self, out: BinaryIO, parts: Sequence[Path], schema: pa.Schema, metadata: Mapping[str, str]
    ) -> None:
        """Writes the rows of the parts."""
        del schema, metadata
        _join(out, parts)


OUTPUT_FORMATS: Mapping[str, OutputFormat] = {
    ".parquet": ParquetFormat(),
    ".csv": CsvFormat(),
    ".jsonl": JsonLinesFormat(),
}


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns a column that Arrow can write as CSV."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_string(kind):
        # Arrow writes an empty text as two quotation marks, and null as nothing.
        return pc.if_else(pc.equal(column, ""), None, column)
    if pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType) or is_binary(kind):
        texts = [None if value is None else _cell(value) for value in python_values(column)]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column


def _cell(value: Any) -> str:
    """Returns a value as JSON, and a text or bytes in base64 without quotation marks."""
    text = _encode(value).decode()
    return value if isinstance(value, str) else text if isinstance(value, list | dict) else text.strip('"')


def _join(out: BinaryIO, parts: Sequence[Path]) -> None:
    for part in parts:
        with part.open("rb") as file:
            shutil.copyfileobj(file, out, 1 << 20)


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    while size:
        chunk = source.read(min(size, 1 << 20))
        target.write(chunk)
        size -= len(chunk)
