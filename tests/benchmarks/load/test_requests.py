"""Requests and responses in each protocol."""

import csv
import json
from typing import Any

from benchmarks.load.requests import CSV_BATCH, JSON_BATCH, PLAIN, ROW, V2

FIELDS = ["code", "size"]
ROWS: list[dict[str, Any]] = [{"code": 'a,"b"', "size": 1.5}, {"code": "c"}]


def test_one_row_is_a_json_object() -> None:
    assert json.loads(PLAIN.encode(ROW, ROWS[:1], FIELDS)) == ROWS[0]


def test_several_rows_are_a_list_of_instances() -> None:
    assert json.loads(PLAIN.encode(JSON_BATCH, ROWS, FIELDS)) == {"instances": ROWS}


def test_a_csv_has_a_header_and_an_empty_cell_for_an_absent_value() -> None:
    lines = PLAIN.encode(CSV_BATCH, ROWS, FIELDS).splitlines()

    assert list(csv.reader(lines)) == [FIELDS, ['a,"b"', "1.5"], ["c", ""]]


def test_a_v2_request_has_a_tensor_for_each_field() -> None:
    body = json.loads(V2.encode(JSON_BATCH, ROWS, FIELDS))

    assert body["inputs"] == [
        {"name": "code", "shape": [2], "datatype": "BYTES", "data": ['a,"b"', "c"]},
        {"name": "size", "shape": [2], "datatype": "FP64", "data": [1.5, None]},
    ]


def test_predictions_are_decoded_from_both_response_formats() -> None:
    expected = [{"label": "a", "probability": 0.5}, {"label": "b", "probability": 0.25}]
    tensors = [{"name": "label", "data": ["a", "b"]}, {"name": "probability", "data": [0.5, 0.25]}]

    assert PLAIN.decode({"predictions": expected}) == expected
    assert V2.decode({"outputs": tensors}) == expected
