import datetime
import json
from typing import Any

import msgspec
import pytest

from bundle import Field, row_type
from bundle.rows import value_pattern
from tests.tiny_bundle import FIELDS

ROW = row_type(FIELDS)


def values(**row: Any) -> tuple[Any, ...]:
    return msgspec.structs.astuple(msgspec.json.decode(json.dumps(row), type=ROW))


def test_values_stand_in_field_order_and_absent_ones_are_none() -> None:
    assert values(kind="ant", size=3) == (3.0, None, None, None, "ant")


def test_dates_are_dates_and_times_stay_text() -> None:
    assert values(size=3, day="2024-02-29", at="17:45")[2:4] == (datetime.date(2024, 2, 29), "17:45")


def test_null_is_absence_of_an_optional_field() -> None:
    assert values(size=3, count=None) == values(size=3)


@pytest.mark.parametrize("whole", [3, 3.0])
def test_a_whole_number_is_an_integer_however_it_is_written(whole: float) -> None:
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
def test_a_value_its_field_does_not_allow_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        values(**row)


def test_a_field_may_have_any_name() -> None:
    row = row_type([Field(name="Int'l Plan", type="string", values=("yes", "no"), example="no")])

    assert msgspec.structs.astuple(msgspec.json.decode(b'{"Int\'l Plan": "yes"}', type=row)) == ("yes",)
    with pytest.raises(msgspec.ValidationError, match="Int'l Plan"):
        msgspec.json.decode(b'{"Int\'l Plan": "perhaps"}', type=row)


def test_a_required_text_may_not_be_empty_nor_endless() -> None:
    row = row_type([Field(name="words", type="text", example="so")])

    for text in ("", "x" * 20_001):
        with pytest.raises(msgspec.ValidationError, match=r"at `\$\.words`"):
            msgspec.convert({"words": text}, row)


def test_a_row_may_be_an_array_whose_optional_end_is_left_out() -> None:
    array = row_type(FIELDS, array=True)

    assert msgspec.structs.astuple(msgspec.json.decode(b"[1,null,null]", type=array)) == (
        1.0,
        *(None,) * 4,
    )
    for wrong in (b"[]", b"[null]", b"[1,2,null,null,null,null]", b'{"size":1}', b'[1,null,null,null,"ANT"]'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(wrong, type=array)


def test_patterns_may_be_left_to_somebody_else_who_gets_them_as_decoding_holds_them() -> None:
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
