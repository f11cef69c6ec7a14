"""JSON decoder: bodies that are refused as a whole."""

from typing import Any

import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from tests.serving.rows.decoders import decode_json, json_refusal


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"size":1}x',
        b'{"size":NaN}',
        b'{"size":Infinity}',
        b'{"sise":-Infinity}',
        b'{"size":1,"kind":"\x00"}',
        b'{"size":1,"kind":"\xff"}',
        b'{"size":1,"\xff":1}',
        b'{"size":1,"kind":"\\ud800"}',
        b'\xef\xbb\xbf\xef\xbb\xbf{"size":1}',
        '{"size":1}'.encode("utf-16"),
        b'{"size":1,"size":2}',
        b'{"size":1,"kind":null,"kind":"ant"}',
        b'{"instances":[{"size":1},{"size":1,"size":1}]}',
        b'{"instances":[{"size":1}],"instances":[{"size":1}]}',
        b'{"values":[[1]],"values":[[1]]}',
        b'{"values":[[1,null,null,null,"ant"]],"values":[[1]]}',
        b'{"data":"1","data":"2"}',
        b'{"data":"\\u0022","data":"1\\u0022"}',
        b'{"data":"1\\n\\"unclosed"}',
        b'{"sise":1,"kind":"\\ud800"}',
        b'{"instances":[{"sise":1},{"size":1,"kind":"\\udfff"}]}',
        b"null",
        b"1",
        b'"size"',
        b"[]",
        b'[{"size":1}]',
        b'{"size":true,"size":1}',
        b"[" * 100_000,
        b'{"size":' * 100_000,
        b'{"size":' + b"[" * 100_000,
    ],
    ids=range(32),
)
def test_invalid_json_and_duplicate_names_are_400(body: bytes) -> None:
    assert json_refusal(body).status == 400


def test_the_error_of_a_body_that_is_not_an_object_lists_the_shapes() -> None:
    detail = json_refusal(b"[]").detail

    assert detail.startswith("The body must be one row as a JSON object, ")
    assert all(f'{{"{member}": ' in detail for member in ("instances", "values", "data"))


@pytest.mark.parametrize(
    ("member", "body"),
    [
        ("instances", {"instances": {}}),
        ("instances", {"instances": [{"size": 1}], "size": 1}),
        ("instances", {"instances": [{"size": 1}], "values": [[1]]}),
        ("instances", {"instances": None}),
        ("values", {"values": "1"}),
        ("values", {"values": [[1]], "data": "1"}),
        ("data", {"data": ["1"]}),
        ("data", {"data": "1", "more": 1}),
    ],
)
def test_a_member_with_rows_must_be_the_only_one_and_of_its_type(member: str, body: Any) -> None:
    problem = json_refusal(body)

    assert (problem.status, problem.errors) == (422, ())
    assert f'nothing beside "{member}"' in problem.detail


@pytest.mark.parametrize("body", [{"instances": []}, {"values": []}, {"data": ""}, {"data": "size\r\n\n"}])
def test_a_request_without_rows_is_422(body: Any) -> None:
    problem = json_refusal(body)

    assert (problem.status, "one row at least" in problem.detail) == (422, True)


@pytest.mark.parametrize(
    ("member", "row"),
    [
        ("instances", {"size": 1}),
        ("instances", {}),
        ("values", [1]),
        ("values", []),
        ("data", "1\n"),
        ("data", "x\n"),
    ],
)
def test_too_many_rows_are_413_whether_valid_or_not(member: str, row: Any) -> None:
    rows = row * (MAX_ROWS + 1) if isinstance(row, str) else [row] * (MAX_ROWS + 1)

    problem = json_refusal({member: rows})

    assert problem.status == 413
    assert f"{MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes" in problem.detail


def test_the_largest_number_of_rows_is_accepted() -> None:
    for rows in ({"instances": [{"size": 1}] * MAX_ROWS}, {"values": [[1]] * MAX_ROWS}):
        assert len(decode_json(rows)) == MAX_ROWS
    assert len(decode_json({"data": "size\r\n" + "1\r\n" * MAX_ROWS})) == MAX_ROWS
