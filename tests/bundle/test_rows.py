"""Request row type and numbers sent as text."""

import datetime
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle import Field, Numerals, row_type
from bundle.rows import value_pattern
from tests.tiny_bundle import FIELDS

ROW = row_type(FIELDS)


def values(**row: Any) -> tuple[Any, ...]:
    return msgspec.structs.astuple(msgspec.json.decode(json.dumps(row), type=ROW))


def test_values_have_the_order_of_the_fields_and_absent_values_are_none() -> None:
    assert values(kind="ant", size=3) == (3.0, None, None, None, "ant")


def test_dates_are_dates_and_times_stay_text() -> None:
    assert values(size=3, day="2024-02-29", at="17:45")[2:4] == (datetime.date(2024, 2, 29), "17:45")


def test_null_is_an_absent_value_of_an_optional_field() -> None:
    assert values(size=3, count=None) == values(size=3)


@pytest.mark.parametrize("whole", [3, 3.0])
def test_a_whole_float_is_a_valid_integer(whole: float) -> None:
    assert values(size=1, count=whole)[1] == 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "missing required field `size`"),
        ({"size": None}, r"Expected `float`, got `null` - at `\$\.size`"),
        ({"size": "3"}, "got `str`"),
        ({"size": True}, "got `bool`"),
        ({"size": -0.1}, ">= 0"),
        ({"size": 100.1}, "<= 100"),
        ({"size": 1, "count": 1.5}, "multiple of 1"),
        ({"size": 1, "count": 2.0**60}, "<="),
        ({"size": 1, "day": "2023-02-29"}, "date"),
        ({"size": 1, "day": "29.02.2024"}, "date"),
        ({"size": 1, "at": "24:00"}, "regex"),
        ({"size": 1, "at": "7:45"}, "regex"),
        ({"size": 1, "at": "17:45\n"}, "<= 5"),
        ({"size": 1, "kind": "Ant"}, "regex"),
        ({"size": 1, "kind": "ant\n"}, "regex"),
        ({"size": 1, "kind": 5}, "got `int`"),
        ({"size": 1, "sise": 1}, "unknown field `sise`"),
    ],
)
def test_an_invalid_value_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        values(**row)


def test_a_field_may_have_any_name() -> None:
    row = row_type([Field(name="Int'l Plan", type="string", values=("yes", "no"), example="no")])

    assert msgspec.structs.astuple(msgspec.json.decode(b'{"Int\'l Plan": "yes"}', type=row)) == ("yes",)
    with pytest.raises(msgspec.ValidationError, match="Int'l Plan"):
        msgspec.json.decode(b'{"Int\'l Plan": "perhaps"}', type=row)


def test_a_required_text_has_a_minimum_and_a_maximum_length() -> None:
    row = row_type([Field(name="words", type="text", example="so")])

    for text in ("", "x" * 20_001):
        with pytest.raises(msgspec.ValidationError, match=r"at `\$\.words`"):
            msgspec.convert({"words": text}, row)


def test_an_array_row_may_omit_optional_values_at_its_end() -> None:
    array = row_type(FIELDS, array=True)

    assert msgspec.structs.astuple(msgspec.json.decode(b"[1,null,null]", type=array)) == (
        1.0,
        *(None,) * 4,
    )
    for wrong in (b"[]", b"[null]", b"[1,2,null,null,null,null]", b'{"size":1}', b'[1,null,null,null,"ANT"]'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(wrong, type=array)


def test_patterns_can_be_excluded_from_decoding_and_checked_separately() -> None:
    loose = row_type(FIELDS, patterns=False)

    assert msgspec.json.decode(b'{"size":1,"kind":"ANT","at":"x"}', type=loose)
    patterns = {field.name: value_pattern(field) for field in FIELDS}
    assert patterns == {
        "size": None,
        "count": None,
        "day": None,
        "at": r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z",
        "kind": r"^[a-z]{1,8}\Z",
    }


NUMERALS = Numerals(
    [
        Field(name="plain", type="string", example="1"),
        Field(name="Day Mins", type="number", minimum=0, maximum=500, from_text=True, example="265.1"),
        Field(name="Calls", type="integer", required=False, from_text=True, example="3"),
    ]
)


@pytest.mark.parametrize(
    ("text", "number"),
    [("265.1", 265.1), ("265", 265.0), ("0", 0.0), ("-0", 0.0), ("1e2", 100.0), ("1.5E+2", 150.0)],
)
def test_a_text_with_a_json_number_is_read_as_the_number(text: str, number: float) -> None:
    assert NUMERALS.read(("7", text, "3")) == ("7", number, 3.0)


NO_NUMBERS = " 265.1|265.1 || |abc|1_0|inf|nan|Infinity|0x10|+1|01|.5|5.|1,5|null|true|1e999|٣|1\n"


@pytest.mark.parametrize("text", [*NO_NUMBERS.split("|"), "500.1", "-1"])
def test_other_texts_and_numbers_out_of_bounds_are_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        NUMERALS.read(("7", text, None))


@pytest.mark.parametrize("text", ["3.5", "null", ""])
def test_an_optional_integer_as_text_must_be_a_whole_number(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        NUMERALS.read(("7", 1.0, text))


def test_numbers_and_absent_values_are_unchanged() -> None:
    assert NUMERALS.read(("7", 265.1, None)) == ("7", 265.1, None)


@given(
    st.lists(st.tuples(st.text(), st.floats(0, 500) | st.floats(0, 500).map(repr), st.none() | st.just("4")))
)
def test_columns_are_read_as_single_rows_are(rows: list[tuple[Any, ...]]) -> None:
    names = ("plain", "Day Mins", "Calls")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}

    read = NUMERALS.read_columns(columns)

    assert [*zip(*read.values(), strict=True)] == [NUMERALS.read(row) for row in rows]


def test_fields_without_from_text_are_falsy_and_read_unchanged() -> None:
    assert NUMERALS
    assert not Numerals(FIELDS)
    assert Numerals(FIELDS).read(("1", "2")) == ("1", "2")
