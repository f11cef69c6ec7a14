"""Boolean fields, in every shape of a request."""

import json
from typing import Any

import pytest

from bundle import Field
from serving.problem import Problem
from serving.rows.request_rows import Row
from tests.serving.rows.decoders import csv_decoder, json_decoder, tuples

FIELDS = (
    Field(name="is_new", type="boolean", example=True),
    Field(name="kind", type="string", required=False, example="ant"),
    Field(name="is_late", type="boolean", required=False, example=False),
)
ROWS = [(True, "ant", None), (False, None, True), (True, "bee", False)]


def decode(body: Any) -> list[Row]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return tuples(json_decoder(FIELDS).decode(data), FIELDS)


def refusal(body: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        decode(body)
    return refused.value


@pytest.mark.parametrize(
    "body",
    [
        {
            "instances": [
                {"is_new": True, "kind": "ant"},
                {"is_new": False, "kind": None, "is_late": True},
                {"is_late": False, "kind": "bee", "is_new": True},
            ]
        },
        {"values": [[True, "ant"], [False, None, True], [True, "bee", False]]},
        {"data": "true,ant\nfalse,,true\ntrue,bee,false"},
        {"data": "is_late,is_new,kind\n,True,ant\nTRUE,False,\nfalse,1,bee"},
    ],
)
def test_booleans_are_decoded_from_every_shape(body: Any) -> None:
    assert decode(body) == ROWS
    assert {type(value) for row in decode(body) for value in (row[0], row[2])} == {bool, type(None)}


def test_one_row_is_decoded() -> None:
    assert decode({"is_new": False}) == [(False, None, None)]


@pytest.mark.parametrize("value", [1, 0, "true", "True", None, "", [True], 1.5])
def test_any_other_json_value_is_refused_with_the_rule(value: Any) -> None:
    [error] = refusal({"is_new": value}).errors

    assert (error.row, error.field, error.rule) == (0, "is_new", "must be true or false")


def test_an_optional_boolean_may_be_null_or_left_out() -> None:
    [error] = refusal({"is_new": True, "is_late": "no"}).errors

    assert error.rule == "must be true or false, null or left out"


@pytest.mark.parametrize("cell", ["yes", "2", "null", "t", " true", "1.0"])
@pytest.mark.parametrize("column", ["is_new", "is_late"])
def test_any_other_cell_is_refused_with_the_rule(cell: str, column: str) -> None:
    cells = {"is_new": "true", "is_late": "", column: cell}

    with pytest.raises(Problem) as refused:
        csv_decoder(FIELDS).decode(f"is_new,is_late\n{cells['is_new']},{cells['is_late']}\ntrue,false")

    [error] = refused.value.errors
    assert (error.row, error.field) == (0, column)
    assert error.rule.startswith("must be true or false")


@pytest.mark.parametrize(
    "body",
    [
        b'{"is_new":true,"is_new":false}',
        b'{"instances":[{"is_new":true,"is_late":true,"is_late":false}]}',
    ],
)
def test_a_duplicate_name_is_found(body: bytes) -> None:
    assert refusal(body).status == 400
