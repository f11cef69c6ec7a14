"""Decoders of the tiny model's fields, and decoded rows as tuples."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

import pytest

from bundle import Field
from serving.problem import Problem
from serving.rows.csv_rows import CsvDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.request_rows import RequestRows, Row
from serving.rows.row_validator import RowValidator
from tests.tiny_bundle import FIELDS

# The values of the tiny model's example, in field order.
ROW = (0.0, None, datetime.date(2024, 2, 29), "17:45", "ant")


def csv_decoder(fields: Sequence[Field] = FIELDS) -> CsvDecoder:
    return CsvDecoder(fields, RowValidator(fields))


def json_decoder(fields: Sequence[Field] = FIELDS) -> JsonDecoder:
    return JsonDecoder(fields, csv_decoder(fields), RowValidator(fields))


JSON_DECODER = json_decoder()


def tuples(rows: RequestRows, fields: Sequence[Field] = FIELDS) -> list[Row]:
    """Returns decoded rows one by one, their values in field order."""
    columns = [rows.columns.get(field.name, (None,) * rows.size) for field in fields]
    return [*zip(*columns, strict=True)]


def decode_json(body: Any) -> list[Row]:
    """Decodes a body, given as bytes or as a JSON value."""
    return tuples(JSON_DECODER.decode(body if isinstance(body, bytes) else json.dumps(body).encode()))


def json_refusal(body: Any) -> Problem:
    """Returns the problem of a body that must be refused."""
    with pytest.raises(Problem) as refused:
        decode_json(body)
    return refused.value
