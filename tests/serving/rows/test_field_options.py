"""Fields with from_text or ignored, text fields and unusual names, in every shape of a request."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bundle import MAX_BODY_BYTES, Field
from serving.predict.request import check_size
from serving.problem import Problem
from serving.rows.request_rows import Row
from serving.rows.row_validator import RowValidator
from tests.serving.rows.decoders import csv_decoder, json_decoder, tuples

FIELDS = (
    Field(name="State", type="string", pattern="^[A-Z]{2}$", example="OH"),
    Field(name="Phone", type="string", required=False, ignored=True, max_length=8, example="371-7191"),
    Field(name="Int'l Plan", type="string", values=("no", "yes"), example="no"),
    Field(name="Day Mins.", type="number", minimum=0, unit="min", from_text=True, example="161.6"),
    Field(name="Calls", type="integer", required=False, minimum=0, from_text=True, example="3"),
    Field(name="plain", type="number", required=False, example=1),
)
DECODER = json_decoder(FIELDS)
SENT = {
    "State": "OH",
    "Phone": "371-7191",
    "Int'l Plan": "no",
    "Day Mins.": "161.6",
    "Calls": "3",
    "plain": 2,
}
ROW = ("OH", "371-7191", "no", 161.6, 3.0, 2.0)
RULE = 'must be a number of at least 0 min, or that number as text such as "161.6"'
TEXT = Field(name="movie_text", type="text", example="I hate this movie")


def decode(body: Any, fields: tuple[Field, ...] = FIELDS) -> list[Row]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return tuples(json_decoder(fields).decode(data), fields)


def refusal(body: Any, fields: tuple[Field, ...] = FIELDS) -> Problem:
    with pytest.raises(Problem) as refused:
        decode(body, fields)
    return refused.value


@pytest.mark.parametrize(
    "body",
    [
        SENT,
        SENT | {"Day Mins.": 161.6, "Calls": 3},
        SENT | {"Day Mins.": "1.616e2"},
        {"instances": [SENT]},
        {"instances": [SENT | {"Calls": 3}]},
        {"values": [[*SENT.values()]]},
        {"data": "OH,371-7191,no,161.6,3,2"},
        {"data": "Int'l Plan,Day Mins.,State,Calls,Phone,plain\nno,161.6,OH,3,371-7191,2"},
    ],
)
def test_a_number_as_text_is_read_in_every_shape(body: Any) -> None:
    assert decode(body) == [ROW]


def test_a_single_row_with_numbers_as_text_is_read_in_one_step() -> None:
    assert DECODER.row.decode(json.dumps(SENT).encode()) == ROW


@pytest.mark.parametrize(
    "text", [" 265.1", "265.1 ", "", "abc", "1_0", "inf", "nan", "0x10", "null", "-1", "1" * 400, "1e400"]
)
@pytest.mark.parametrize("shape", ["one", "instances", "values"])
def test_other_texts_are_refused_with_the_rule_of_the_field(text: str, shape: str) -> None:
    row = SENT | {"Day Mins.": text}
    bodies = {"one": row, "instances": {"instances": [row]}, "values": {"values": [[*row.values()]]}}

    problem = refusal(bodies[shape])

    assert problem.status == 422
    assert [(error.field, error.rule) for error in problem.errors] == [("Day Mins.", RULE)]


def test_a_number_as_text_is_refused_by_a_field_without_from_text() -> None:
    [error] = refusal(SENT | {"plain": "2"}).errors

    assert (error.field, error.rule) == ("plain", "must be a number, null or left out")


def test_an_optional_number_is_neither_the_text_null_nor_an_empty_text() -> None:
    assert decode(SENT | {"Calls": None})[0][4] is None
    for text in ("null", ""):
        assert [error.field for error in refusal(SENT | {"Calls": text}).errors] == ["Calls"]


def test_a_row_with_an_invalid_number_as_text_can_be_skipped() -> None:
    body = {"instances": [SENT, SENT | {"Calls": "many"}, SENT]}

    rows = DECODER.decode(json.dumps(body).encode(), skip=True)

    assert tuples(rows, FIELDS) == [ROW, ROW]
    assert [*rows.invalid] == [1]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b'{"State":"OH","Int\'l Plan":"no","Day Mins.":"1","Day Mins.":"2"}', "Day Mins."),
        (b'{"State":"OH","Int\'l Plan":"no","Day Mins.":"1","Calls":2,"Calls":3}', "Calls"),
        (b'{"State":"OH","Int\'l Plan":"no","Day Mins.":1,"Day Mins.":2,"Calls":3}', "Day Mins."),
        (b'{"instances":[{"State":"OH","Int\'l Plan":"no","Day Mins.":"1","Day Mins.":2}]}', "Day Mins."),
    ],
)
def test_a_duplicate_name_is_found_beside_numbers_as_text(body: bytes, fields: str) -> None:
    problem = refusal(body)

    assert (problem.status, "same name twice" in problem.detail) == (400, True), fields


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ["1", " 1", "", "null", "1e3", "x", "-1", "no", "OH", 1, 1.5, -1, None, True, []]
)


@given(st.dictionaries(st.sampled_from([*SENT, "Phones"]), VALUES))
@example(SENT)
@example(SENT | {"Calls": "null"})
def test_every_shape_accepts_the_same_rows(row: dict[str, Any]) -> None:
    broken = RowValidator(FIELDS).invalid_names(row)

    for body in (row, {"instances": [row]}, {"instances": [SENT, row]}):
        if broken:
            assert [error.field for error in refusal(body).errors] == broken
        else:
            assert decode(body)[-1] == RowValidator(FIELDS).values(row)


def test_an_ignored_value_may_be_absent_but_not_invalid() -> None:
    del (without := dict(SENT))["Phone"]

    assert [decode(row)[0][1] for row in (without, SENT | {"Phone": None})] == [None, None]
    [error] = refusal(SENT | {"Phone": "371-7191-1"}).errors
    assert (error.field, error.rule) == ("Phone", "must be a string of 0 to 8 characters, null or left out")


def test_a_suggested_name_may_have_an_apostrophe() -> None:
    problem = refusal(SENT | {"Intl Plan": "no"})

    assert [error.rule for error in problem.errors] == [
        "is not a field of this model: did you mean Int'l Plan?"
    ]
    with pytest.raises(Problem) as refused:
        csv_decoder(FIELDS).decode("State,Intl Plan,Int'l Plan,Day Mins.\nOH,no,no,1", header=True)
    assert "'Intl Plan' is not a field of this model: did you mean Int'l Plan?" in refused.value.detail


@pytest.mark.parametrize("text", ["", " ", "\t\n \u2003", None, 5, "x" * 20_001])
def test_a_blank_or_too_long_text_is_refused_with_the_rule(text: Any) -> None:
    for body in ({"movie_text": text}, {"values": [[text]]}):
        [error] = refusal(body, (TEXT,)).errors

        assert error.field == "movie_text"
        assert error.rule == "must be a string of 1 to 20000 characters that are not all spaces"


def test_a_missing_text_is_refused_as_required() -> None:
    [error] = refusal({}, (TEXT,)).errors[-1:]

    assert error.rule.startswith("is required and must be a string of 1 to 20000 characters")


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "Ćiro, Ночь, 電影, é\u0301, \N{GRINNING FACE}", 'a "quoted" word\\']
)
def test_a_text_is_decoded_unchanged(text: str) -> None:
    for body in ({"movie_text": text}, json.dumps({"movie_text": text}, ensure_ascii=False).encode()):
        assert decode(body, (TEXT,)) == [(text,)]


def test_long_texts_are_not_cached() -> None:
    decoder = json_decoder((TEXT,))

    for number in range(10):
        decoder.row.decode(json.dumps({"movie_text": f"{number}" * 20_000}).encode())

    [(_, _, _, known)] = decoder._patterns._searches
    assert known == set()


def test_a_body_of_long_texts_is_too_large_and_the_error_names_the_limits() -> None:
    body = json.dumps({"instances": [{"movie_text": "so " * 6_666}] * 1_000}).encode()

    with pytest.raises(Problem) as refused:
        check_size(len(body))

    assert refused.value.status == 413
    assert f"{MAX_BODY_BYTES:,} bytes" in refused.value.detail
