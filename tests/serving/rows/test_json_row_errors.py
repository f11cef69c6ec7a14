"""JSON decoder: errors of rows, listed in the problem, or kept with the rows that are skipped."""

import json
from typing import Any

import pytest

from serving.problem import Problem
from serving.rows.request_rows import FieldError, InvalidRow
from tests.serving.rows.decoders import JSON_DECODER, ROW, json_refusal, tuples
from tests.tiny_bundle import EXAMPLE


def test_every_invalid_value_of_every_row_is_listed() -> None:
    body = json.dumps(
        {"instances": [EXAMPLE, {"sise": 1}, 7, EXAMPLE | {"size": 101, "kind": "ANT", "at": "25:00"}]}
    ).encode()

    problem = json_refusal(body)

    assert problem.status == 422
    assert [(error.row, error.field) for error in problem.errors] == [
        (1, "sise"),
        (1, "size"),
        (2, None),
        (3, "size"),
        (3, "at"),
        (3, "kind"),
    ]
    assert problem.detail == "The request has 6 errors in 3 of its 4 rows."


def test_a_hundred_errors_are_listed_and_all_are_counted() -> None:
    body = json.dumps({"instances": [{}] * 150}).encode()

    problem = json_refusal(body)

    assert len(problem.errors) == 100
    assert problem.detail == "The request has 150 errors in 150 of its 150 rows; the first 100 are listed."


def test_errors_of_array_rows_name_the_fields() -> None:
    problem = json_refusal({"values": [[101, 1.5], {}, [1, 2, "2023-02-29", None, "ant", 6], []]})

    assert [(error.row, error.field, error.rule) for error in problem.errors] == [
        (0, "size", "must be a number from 0 to 100 cm"),
        (0, "count", "must be a whole number of at least 0, null or left out"),
        (1, None, "must be a JSON array of values in the order of the fields"),
        (2, None, "has 6 values: 5 are the most"),
        (3, "size", "is required and must be a number from 0 to 100 cm"),
    ]


def test_the_error_of_an_unknown_name_suggests_the_nearest_field() -> None:
    problem = json_refusal({"sise": 1, "Kind": "ant", "colour": 1, "value": []})

    assert [error.rule for error in problem.errors[:4]] == [
        "is not a field of this model: did you mean size?",
        "is not a field of this model: did you mean kind?",
        "is not a field of this model",
        "is not a field of this model: did you mean values?",
    ]


def test_only_the_first_unknown_names_get_a_suggestion() -> None:
    problem = json_refusal({f"size{number}": 1 for number in range(60_000)})

    assert problem.detail == "The request has 60,001 errors in 1 of its 1 rows; the first 100 are listed."
    assert [error.rule.endswith("did you mean size?") for error in problem.errors] == [True] * 20 + [
        False
    ] * 80


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5_000, "1" + "0" * 400 + ".5"])
def test_a_number_beyond_every_type_is_an_error_of_its_field(number: str) -> None:
    problem = json_refusal(b'{"size":%b}' % number.encode())

    assert (problem.status, [error.field for error in problem.errors]) == (422, ["size"])


def test_skipped_rows_keep_their_positions() -> None:
    rows = JSON_DECODER.decode(
        json.dumps({"instances": [{"sise": 1}, EXAMPLE, 7, {"size": 101}, EXAMPLE]}).encode(), skip=True
    )

    assert tuples(rows) == [ROW, ROW]
    assert rows.invalid == {
        0: InvalidRow(
            [
                FieldError("sise", "is not a field of this model: did you mean size?"),
                FieldError("size", "is required and must be a number from 0 to 100 cm"),
            ]
        ),
        2: InvalidRow([FieldError(rule="must be a JSON object of field names and values")]),
        3: InvalidRow([FieldError("size", "must be a number from 0 to 100 cm")]),
    }


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [{"size": 101}, {"size": 1}]},
        {"values": [[101], [1]]},
        {"data": "size\n101\n1\n"},
        {"data": "101\n1\n"},
    ],
)
def test_invalid_rows_can_be_skipped_in_every_shape(body: Any) -> None:
    rows = JSON_DECODER.decode(json.dumps(body).encode(), skip=True)

    assert tuples(rows) == [(1, None, None, None, None)]
    assert rows.invalid == {0: InvalidRow([FieldError("size", "must be a number from 0 to 100 cm")])}


def test_a_single_invalid_row_can_be_skipped() -> None:
    rows = JSON_DECODER.decode(b'{"size":101}', skip=True)

    assert (rows.size, [*rows.invalid]) == (0, [0])


def test_a_skipped_row_has_twenty_errors_and_the_number_of_others() -> None:
    rows = JSON_DECODER.decode(json.dumps({f"x{number}": 1 for number in range(30)}).encode(), skip=True)

    assert (len(rows.invalid[0].errors), rows.invalid[0].more) == (20, 11)


@pytest.mark.parametrize(
    "body", [b'{"instances":[]}', b'{"instances":[{"size":1,"size":1}]}', b'{"instances":1}', b"[]", b"{"]
)
def test_a_request_without_rows_is_refused_even_with_skip(body: bytes) -> None:
    with pytest.raises(Problem):
        JSON_DECODER.decode(body, skip=True)
