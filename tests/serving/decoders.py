"""Decoders of the tiny model, and what they make of requests."""

from collections.abc import Sequence

from bundle import Field
from serving.rows.csv_rows import TableDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.row_errors import Triage
from serving.rows.rows import Row, Rows
from tests.tiny_bundle import FIELDS


def table_decoder(fields: Sequence[Field] = FIELDS) -> TableDecoder:
    return TableDecoder(fields, Triage(fields))


def json_decoder(fields: Sequence[Field] = FIELDS) -> JsonDecoder:
    return JsonDecoder(fields, table_decoder(fields), Triage(fields))


def tuples(rows: Rows, fields: Sequence[Field] = FIELDS) -> list[Row]:
    """Decoded rows one by one, their values in field order."""
    columns = [rows.columns.get(field.name, (None,) * rows.size) for field in fields]
    return [*zip(*columns, strict=True)]
