"""Numbers that come as text."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle import Field, Numerals
from tests.tiny_bundle import FIELDS

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
def test_a_text_that_is_a_number_in_json_is_that_number(text: str, number: float) -> None:
    assert NUMERALS.read(("7", text, "3")) == ("7", number, 3.0)


NO_NUMBERS = " 265.1|265.1 || |abc|1_0|inf|nan|Infinity|0x10|+1|01|.5|5.|1,5|null|true|1e999|٣|1\n"


@pytest.mark.parametrize("text", [*NO_NUMBERS.split("|"), "500.1", "-1"])
def test_any_other_text_is_refused_and_so_is_a_number_out_of_bounds(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        NUMERALS.read(("7", text, None))


@pytest.mark.parametrize("text", ["3.5", "null", ""])
def test_an_optional_whole_number_as_text_is_whole_and_there(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        NUMERALS.read(("7", 1.0, text))


def test_what_came_as_a_number_or_is_absent_stays_so() -> None:
    assert NUMERALS.read(("7", 265.1, None)) == ("7", 265.1, None)


@given(
    st.lists(st.tuples(st.text(), st.floats(0, 500) | st.floats(0, 500).map(repr), st.none() | st.just("4")))
)
def test_many_rows_are_read_as_each_alone(rows: list[tuple[Any, ...]]) -> None:
    names = ("plain", "Day Mins", "Calls")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}

    read = NUMERALS.read_columns(columns)

    assert [*zip(*read.values(), strict=True)] == [NUMERALS.read(row) for row in rows]


def test_fields_without_such_numbers_need_no_reading() -> None:
    assert NUMERALS
    assert not Numerals(FIELDS)
    assert Numerals(FIELDS).read(("1", "2")) == ("1", "2")
