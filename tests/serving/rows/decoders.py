"""Decoders of the tiny model's fields, and decoded rows as tuples."""

from collections.abc import Sequence

from bundle import Field
from serving.rows.csv_rows import CsvDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.request_rows import RequestRows, Row
from serving.rows.row_validator import RowValidator
from tests.tiny_bundle import FIELDS


def csv_decoder(fields: Sequence[Field] = FIELDS) -> CsvDecoder:
    return CsvDecoder(fields, RowValidator(fields))


def json_decoder(fields: Sequence[Field] = FIELDS) -> JsonDecoder:
    return JsonDecoder(fields, csv_decoder(fields), RowValidator(fields))


def tuples(rows: RequestRows, fields: Sequence[Field] = FIELDS) -> list[Row]:
    """Returns decoded rows one by one, their values in field order."""
    columns = [rows.columns.get(field.name, (None,) * rows.size) for field in fields]
    return [*zip(*columns, strict=True)]
