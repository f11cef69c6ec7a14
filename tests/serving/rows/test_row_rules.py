"""Rules of rows, bounds of dates and comparisons of two fields, in every shape of a request."""

import json
from typing import Any

import pytest

from bundle import Field
from serving.problem import Problem
from serving.rows.row_validator import RowValidator
from tests.serving.rows.decoders import csv_decoder, json_decoder, tuples

FIELDS = (
    Field(name="day", type="date", earliest="2013-01-01", latest="2013-12-31", example="2013-06-30"),
    Field(name="origin", type="string", example="JFK"),
    Field(name="destination", type="string", differs_from="origin", example="SFO"),
    Field(name="first", type="number", required=False, from_text=True, example=1),
    Field(name="last", type="number", required=False, not_less_than="first", example=2),
)
ROW = {"day": "2013-01-01", "origin": "JFK", "destination": "SFO", "first": "9", "last": 10}
BROKEN = [
    ("day", "2012-12-31", "must be a date from 2013-01-01 to 2013-12-31, such as 2013-06-30"),
    ("day", "2014-01-01", "must be a date from 2013-01-01 to 2013-12-31, such as 2013-06-30"),
    (
        "destination",
        "JFK",
        "must be a string of 1 to 256 characters, and must differ from origin",
    ),
    (
        "last",
        8.5,
        "must be a number, null or left out, and must not be less than first",
    ),
]


def shapes(row: dict[str, Any]) -> list[bytes]:
    """Returns bodies of one valid row and then this one, and of this one alone."""
    rows = [ROW, row]
    table = "\n".join(",".join(str(value) for value in one.values()) for one in rows)
    many: list[dict[str, Any]] = [
        {"instances": rows},
        {"values": [[*one.values()] for one in rows]},
        {"data": table},
        row,
    ]
    return [json.dumps(body).encode() for body in many]


@pytest.mark.parametrize(("name", "value", "rule"), BROKEN)
def test_a_row_that_breaks_a_rule_is_refused_with_its_sentence(name: str, value: Any, rule: str) -> None:
    for body in shapes(ROW | {name: value}):
        with pytest.raises(Problem) as refused:
            json_decoder(FIELDS).decode(body)

        assert refused.value.status == 422
        assert [(error.field, error.rule) for error in refused.value.errors] == [(name, rule)]


def test_a_csv_row_that_breaks_a_rule_is_skipped_when_the_client_wants_it() -> None:
    text = "destination,origin,day\nSFO,JFK,2013-12-31\nJFK,JFK,2013-12-31\n"

    found = csv_decoder(FIELDS).decode(text, skip=True)

    assert (found.size, [*found.invalid]) == (1, [1])


def test_rows_that_keep_the_rules_are_decoded_and_an_absent_value_breaks_none() -> None:
    kept = [ROW, ROW | {"last": 9, "first": 9.0}, ROW | {"last": None}, ROW | {"first": None, "last": -1}]

    for row in kept:
        one = json_decoder(FIELDS).decode(json.dumps(row).encode())
        many = json_decoder(FIELDS).decode(json.dumps({"instances": [row]}).encode())
        assert tuples(one, FIELDS) == tuples(many, FIELDS)
        assert RowValidator(FIELDS).values(row) == tuples(one, FIELDS)[0]


def test_a_field_that_is_wrong_itself_is_named_alone() -> None:
    names = RowValidator(FIELDS).invalid_names(ROW | {"origin": 5, "day": "1850-01-01"})

    assert names == ["day", "origin"]
