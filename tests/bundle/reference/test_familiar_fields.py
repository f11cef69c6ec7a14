"""Fields narrowed to what training saw."""

import datetime
from typing import Any

import msgspec
import pytest

from bundle import Distribution, Reference, row_type
from bundle.reference.familiar_fields import familiar_fields, near_days
from bundle.rows import broken_rules, value_type
from tests.reference import REFERENCE
from tests.tiny_bundle import FIELDS


def accepts(name: str, value: Any, reference: Reference = REFERENCE) -> bool:
    [field] = [one for one in familiar_fields(FIELDS, reference) if one.name == name]
    try:
        decoded = msgspec.convert(value, value_type(field))
    except msgspec.ValidationError:
        return False
    return not broken_rules([field], {name: decoded})


@pytest.mark.parametrize(
    ("name", "familiar", "unfamiliar"),
    [
        ("size", [0.0, 10.0], [10.1, 11]),
        ("count", [1, 5], [0, 6]),
        ("at", ["06:00", "06:01", "20:30"], ["05:59", "20:31"]),
        ("kind", ["ant", "bee"], ["wasp", "ANT", ""]),
        ("day", ["2023-12-01", "2024-06-01"], ["2023-11-30", "2024-06-02"]),
    ],
)
def test_values_that_training_saw_are_familiar(name: str, familiar: list[Any], unfamiliar: list[Any]) -> None:
    assert [accepts(name, value) for value in familiar] == [True] * len(familiar)
    assert [accepts(name, value) for value in unfamiliar] == [False] * len(unfamiliar)


def test_a_string_is_familiar_where_not_every_string_is_listed() -> None:
    partly = Distribution(values={"ant": 0.6}, others=0.4)
    reference = msgspec.structs.replace(REFERENCE, fields=REFERENCE.fields | {"kind": partly})

    assert accepts("kind", "wasp", reference)


@pytest.mark.parametrize(
    ("name", "value"), [("size", 1), ("day", "2024-03-01"), ("at", "12:00"), ("kind", "ant")]
)
def test_no_value_is_familiar_of_a_field_that_had_none(name: str, value: Any) -> None:
    never = msgspec.structs.replace(REFERENCE, fields=REFERENCE.fields | {name: Distribution(missing=1.0)})

    assert not accepts(name, value, never)


def test_days_are_near_within_the_length_of_the_trained_ones_and_within_a_year() -> None:
    month = Distribution(first="2024-01-01", last="2024-01-31")
    decade = Distribution(first="2010-01-01", last="2019-12-31")
    always = Distribution(first="0001-01-02", last="9999-12-30")

    assert near_days(month) == (datetime.date(2023, 12, 2), datetime.date(2024, 3, 1))
    assert near_days(decade) == (datetime.date(2008, 12, 31), datetime.date(2020, 12, 31))
    assert near_days(always) == (datetime.date.min, datetime.date.max)


def test_the_narrowed_fields_are_the_type_of_a_row() -> None:
    decoder = msgspec.json.Decoder(row_type(familiar_fields(FIELDS, REFERENCE), patterns=False))

    decoder.decode('{"size":1,"kind":"ant"}')
    with pytest.raises(msgspec.ValidationError):
        decoder.decode('{"size":1,"kind":"wasp"}')
