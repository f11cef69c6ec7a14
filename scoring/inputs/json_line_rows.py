"""Lines of JSON as rows: the types of their columns, and batches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from bundle import Field
from scoring.inputs.rows import RowBatch
from serving.rows.csv_rows import CsvDecoder
from serving.rows.json_lines import JsonLinesDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.row_validator import MalformedRow, RowValidator
from training.tables.files.mixed_json_columns import with_nulls

_TYPES = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "str": pa.string()}
_ABSENT = "NoneType"
_INT64 = range(-(2**63), 2**63)
_encode = msgspec.json.Encoder().encode


class JsonLineRows:
    """Lines with a JSON object, or an array of values in the order of the fields.

    Args:
        fields: Fields of the model.
        is_table: Whether NaN and infinite numbers count as not known, as in the training of own tables; the
            API refuses such rows.
    """

    def __init__(self, fields: Sequence[Field], *, is_table: bool = False) -> None:
        self._standard = with_nulls if is_table else bytes
        validator = RowValidator(fields)
        self._decoder = JsonLinesDecoder(
            JsonDecoder(fields, CsvDecoder(fields, validator), validator), validator
        )
        self._fields = [field.name for field in fields]

    def types(self, lines: Iterable[bytes]) -> dict[str, set[str]]:
        """Returns the names of the types of each column's values, in the order in which columns occur."""
        types: dict[str, set[str]] = {}
        for line in lines:
            for key, value in self._quickly(self._standard(line)).items():
                types.setdefault(key, set()).add(_type_of(value))
        return types

    def batch(self, lines: Sequence[bytes], schema: pa.Schema, done: float) -> RowBatch:
        """Returns the rows of lines.

        Args:
            lines: The lines.
            schema: Names and types of the columns of the whole file.
            done: Share of the file that has been read with them.
        """
        rows, malformed = [], {}
        for position, line in enumerate(lines):
            found = self._decoder.raw_row(self._standard(line))
            if isinstance(found, MalformedRow):
                malformed[position] = found.rule
            rows.append({} if isinstance(found, MalformedRow) else found)
        columns = [
            pa.array([_typed(row.get(field.name), field.type) for row in rows], field.type)
            for field in schema
        ]
        json = {
            position: pa.array([_text(row, name) for row in rows], pa.string())
            for position, name in enumerate(schema.names)
            if name in self._fields
        }
        batch = pa.RecordBatch.from_arrays(columns, schema=schema)
        return RowBatch(rows=batch, done=done, malformed=malformed, json=json)

    def _quickly(self, line: bytes) -> dict[str, Any]:
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError):
            return {}
        if isinstance(row, list):
            return dict(zip(self._fields, row, strict=False))
        return row if isinstance(row, dict) else {}


def typed_schema(types: Mapping[str, set[str]]) -> pa.Schema:
    """Returns the columns of values of some types.

    A column of values of several types, or of arrays and objects, is one of JSON texts.
    """
    return pa.schema([(key, _common(found - {_ABSENT})) for key, found in types.items()])


def _type_of(value: Any) -> str:
    return "float" if type(value) is int and value not in _INT64 else type(value).__name__


def _common(found: set[str]) -> pa.DataType:
    if found == {"int", "float"}:
        return pa.float64()
    [one] = found if len(found) == 1 else [""]
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
