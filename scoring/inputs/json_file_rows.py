"""Rows of a JSON Lines file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from bundle import Field
from scoring.errors import ScoringError
from scoring.inputs.rows import RowBatch
from serving.rows.csv_rows import CsvDecoder
from serving.rows.json_document import UTF8_MARK
from serving.rows.json_lines import JsonLinesDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.row_validator import MalformedRow, RowValidator

_ROWS = 1 << 16
_TYPES = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
_INT64 = range(-(2**63), 2**63)
_encode = msgspec.json.Encoder().encode


class JsonFileRows:
    """A file with a JSON object, or an array of values in the order of the fields, on each line.

    It is read twice: first for the names and types of its columns. A column of values of several types, or of
    arrays and objects, is one of JSON texts.

    Raises:
        ScoringError: When no line is a row.
    """

    decides_commas = False
    is_plain = True

    def __init__(self, path: Path, name: str, fields: Sequence[Field]) -> None:
        self._path, self._name = path, name
        self._size = max(path.stat().st_size, 1)
        validator = RowValidator(fields)
        self._decoder = JsonLinesDecoder(
            JsonDecoder(fields, CsvDecoder(fields, validator), validator), validator
        )
        self._fields = [field.name for field in fields]
        types: dict[str, set[type]] = {}
        for line in self._lines():
            for key, value in self._quickly(line).items():
                types.setdefault(key, set()).add(_type_of(value))
        if not types:
            raise ScoringError(f"{name} has no rows: it needs one JSON object on each line.")
        self.header: Sequence[str] = [*types]
        self.schema = pa.schema([(key, _common(found - {type(None)})) for key, found in types.items()])

    def batches(self) -> Iterator[RowBatch]:
        """Yields all rows."""
        lines, read = self._lines(), 0
        while block := [line for line, _ in zip(lines, range(_ROWS), strict=False)]:
            read += sum(map(len, block)) + len(block)
            rows, malformed = [], {}
            for position, line in enumerate(block):
                found = self._decoder.raw_row(line)
                if isinstance(found, MalformedRow):
                    malformed[position] = found.rule
                rows.append({} if isinstance(found, MalformedRow) else found)
            columns = [
                pa.array([_typed(row.get(field.name), field.type) for row in rows], field.type)
                for field in self.schema
            ]
            json = {
                position: pa.array([_text(row, name) for row in rows], pa.string())
                for position, name in enumerate(self.header)
                if name in self._fields
            }
            batch = pa.RecordBatch.from_arrays(columns, schema=self.schema)
            yield RowBatch(rows=batch, done=min(1.0, read / self._size), malformed=malformed, json=json)

    def distinct(self, position: int) -> Iterator[Any]:
        """Yields the distinct values of a column."""
        for batch in self.batches():
            yield batch.rows.column(position).unique()

    def _lines(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            for number, line in enumerate(file):
                bare = line.removeprefix(UTF8_MARK) if not number else line
                if bare.strip():
                    yield bare.strip(b"\r\n")

    def _quickly(self, line: bytes) -> dict[str, Any]:
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError):
            return {}
        if isinstance(row, list):
            return dict(zip(self._fields, row, strict=False))
        return row if isinstance(row, dict) else {}


def _type_of(value: Any) -> type:
    return float if type(value) is int and value not in _INT64 else type(value)


def _common(found: set[type]) -> pa.DataType:
    if found == {int, float}:
        return pa.float64()
    [one] = found if len(found) == 1 else [object]
    return _TYPES.get(one, pa.string())


def _typed(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_string(kind):
        return value if isinstance(value, str) else _encode(_whole(value)).decode()
    return _whole(value) if pa.types.is_int64(kind) else value


def _whole(value: Any) -> Any:
    """Returns a whole number as int: the strict parser reads every number as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(row: dict[str, Any], name: str) -> str | None:
    return _encode(row[name]).decode() if name in row else None
