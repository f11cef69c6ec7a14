"""Conversion of rows to input tensors, and of texts to words."""

import datetime
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from bundle import Columns, Field, tokens
from tests.tiny_bundle import FIELDS

COLUMNS = Columns(FIELDS)


def test_columns_are_named_in_field_order() -> None:
    assert COLUMNS.numbers == (
        "size",
        "count",
        "day_month",
        "day_day",
        "day_day_of_week",
        "day_day_of_year",
        "at_minutes",
    )
    assert COLUMNS.strings == ("kind",)


def test_a_row_becomes_its_numbers_and_strings() -> None:
    tensors = COLUMNS.encode(
        {"size": [3], "count": [2], "day": [datetime.date(2024, 2, 29)], "at": ["17:45"], "kind": ["ant"]}, 1
    )

    assert tensors["numbers"].tolist() == [[3, 2, 2, 29, 3, 60, 1065]]
    assert tensors["numbers"].dtype == np.float32
    assert tensors["strings"].tolist() == [["ant"]]


def test_an_absent_value_is_nan_or_an_empty_string() -> None:
    named = COLUMNS.encode({name: [None] for name in ("size", "count", "day", "at", "kind")}, 1)
    unnamed = COLUMNS.encode({}, 1)

    for tensors in (named, unnamed):
        assert np.isnan(tensors["numbers"]).all()
        assert tensors["strings"].tolist() == [[""]]


def test_a_tensor_without_columns_is_omitted() -> None:
    number = Field(name="x", type="number", example=1)
    text = Field(name="t", type="text", example="a")

    assert list(Columns([number]).encode({"x": [1]}, 1)) == ["numbers"]
    assert list(Columns([text]).encode({"t": ["a"]}, 1)) == ["strings"]


def test_no_rows_make_empty_tensors() -> None:
    tensors = COLUMNS.encode({"size": [], "day": [], "kind": []}, 0)

    assert (tensors["numbers"].shape, tensors["strings"].shape) == ((0, 7), (0, 1))
    assert (tensors["numbers"].dtype, tensors["strings"].dtype) == (np.float32, object)


def test_tensors_are_c_contiguous() -> None:
    fields = [*FIELDS, Field(name="word", type="string", example="a")]

    tensors = Columns(fields).encode({"size": [1, 2], "word": ["a", "b"]}, 2)

    assert [tensor.flags.c_contiguous for tensor in tensors.values()] == [True, True]
    assert tensors["strings"].tolist() == [["", "a"], ["", "b"]]


def test_a_text_is_tokenized_and_a_string_is_unchanged() -> None:
    fields = [Field(name=kind, type=kind, example="a") for kind in ("string", "text")]

    tensors = Columns(fields).encode({"string": ["So, so!"] * 2, "text": ["So, so!", "..."]}, 2)

    assert tensors["strings"].tolist() == [["So, so!", "so so"], ["So, so!", ""]]


def test_an_ignored_field_has_no_column() -> None:
    ignored = (
        Field(name="number", type="number", required=False, ignored=True, example=1),
        Field(name="word", type="string", required=False, ignored=True, example="a"),
        Field(name="text", type="text", required=False, ignored=True, example="a"),
    )
    row: dict[str, list[Any]] = {"size": [3], "number": [4], "word": ["b"], "text": ["c d"], "kind": ["ant"]}

    columns = Columns([*ignored, *FIELDS])

    assert (columns.numbers, columns.strings) == (COLUMNS.numbers, COLUMNS.strings)
    without = COLUMNS.encode(row, 1)
    for name, tensor in columns.encode(row, 1).items():
        np.testing.assert_array_equal(tensor, without[name])


@pytest.mark.parametrize(("date", "weekday"), [("2024-01-01", 0), ("2024-01-07", 6)])
def test_monday_is_zero(date: str, weekday: int) -> None:
    tensors = COLUMNS.encode({"day": [datetime.date.fromisoformat(date)]}, 1)

    assert tensors["numbers"][0, 4] == weekday


@given(st.dates(), st.times())
def test_dates_and_times_become_calendar_parts(date: datetime.date, time: datetime.time) -> None:
    tensors = COLUMNS.encode({"day": [date], "at": [f"{time:%H:%M}"]}, 1)

    month, day, weekday, day_of_year, minutes = tensors["numbers"][0, 2:].tolist()
    assert datetime.date(date.year, int(month), int(day)) == date
    assert weekday == (date.toordinal() - 1) % 7
    assert day_of_year == date.toordinal() - datetime.date(date.year, 1, 1).toordinal() + 1
    assert (minutes // 60, minutes % 60) == (time.hour, time.minute)


@given(st.lists(st.floats(width=32, allow_nan=False) | st.none()))
def test_rows_are_encoded_independently(sizes: list[float | None]) -> None:
    together = COLUMNS.encode({"size": sizes}, len(sizes))["numbers"][:, 0]

    alone = [COLUMNS.encode({"size": [size]}, 1)["numbers"][0, 0] for size in sizes]
    assert [None if math.isnan(x) else x for x in together] == [None if math.isnan(x) else x for x in alone]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I hate this movie", "hate this movie"),
        ("  So: well-made!\n\tSO  ", "so well made so"),
        ("STRASSE straße", "strasse strasse"),
        ("CAFÉ cafe\u0301 ｃａｆé", "café café café"),
        ("ΟΔΟΣ οδός", "οδοσ οδόσ"),
        ("Ночь 2 длинная, 20", "ночь длинная 20"),
        ("電影很好", "電影很好"),
        ("\N{LATIN SMALL LIGATURE FI}lm", "film"),
        ("a b c", ""),
        ("\N{GRINNING FACE} ...", ""),
        ("", ""),
    ],
)
def test_tokens_are_case_folded_words(text: str, words: str) -> None:
    assert tokens(text) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_tokens_of_ascii_are_those_of_scikit_learn(text: str) -> None:
    assert tokens(text).split() == CountVectorizer().build_analyzer()(text)


@given(st.text())
def test_tokens_are_joined_by_one_space(text: str) -> None:
    assert tokens(text).split(" ") == re.findall(r"\w\w+", tokens(text)) or tokens(text) == ""


@given(st.text())
def test_tokens_is_idempotent(text: str) -> None:
    assert tokens(tokens(text)) == tokens(text)


def test_a_boolean_is_a_column_of_ones_and_zeros() -> None:
    columns = Columns((Field(name="is_new", type="boolean", required=False, example=True),))

    encoded = columns.encode({"is_new": [True, None, False]}, 3)

    assert (columns.numbers, columns.strings) == (("is_new",), ())
    assert encoded["numbers"].dtype == np.float32
    np.testing.assert_array_equal(encoded["numbers"], [[1], [np.nan], [0]])


ROWS = st.tuples(
    st.none() | st.floats(allow_nan=False, width=32),
    st.none() | st.integers(-1000, 1000),
    st.none() | st.dates(),
    st.none() | st.just("17:45"),
    st.none() | st.text(),
    st.none() | st.text(),
    st.none() | st.booleans(),
)
ROW_FIELDS = (
    Field(name="a", type="number", example=1),
    Field(name="ignored", type="integer", example=1, ignored=True),
    Field(name="day", type="date", example="2024-01-01"),
    Field(name="at", type="time", example="10:00"),
    Field(name="kind", type="string", example="ant"),
    Field(name="words", type="text", example="So, so!"),
    Field(name="truth", type="boolean", example=True),
)


@given(ROWS)
def test_one_row_is_encoded_as_a_table_of_one_row_is(row: tuple[Any, ...]) -> None:
    columns = Columns(ROW_FIELDS)
    named = {field.name: [value] for field, value in zip(ROW_FIELDS, row, strict=True)}

    alone, table = columns.encode_row(row), columns.encode(named, 1)

    assert alone.keys() == table.keys()
    for name, tensor in table.items():
        np.testing.assert_array_equal(alone[name], tensor)
        assert (alone[name].dtype, alone[name].shape) == (tensor.dtype, tensor.shape)
