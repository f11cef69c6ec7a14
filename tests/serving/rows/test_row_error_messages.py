"""Descriptions of rules, and suggestions for unknown names."""

from typing import Any

import pytest

from bundle import Field
from serving.rows.row_error_messages import nearest, printable, rule_of


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"type": "number", "example": 1}, "must be a number"),
        ({"type": "number", "minimum": 0, "example": 1}, "must be a number of at least 0"),
        (
            {"type": "integer", "maximum": 9, "unit": "km", "example": 1},
            "must be a whole number of at most 9 km",
        ),
        (
            {"type": "number", "minimum": 0.5, "maximum": 2e6, "example": 1},
            "must be a number from 0.5 to 2e+06",
        ),
        ({"type": "date", "example": "2024-02-29"}, "must be a date such as 2024-02-29"),
        ({"type": "time", "example": "17:45"}, "must be a time of day such as 17:45"),
        ({"type": "string", "values": ("a", "b"), "example": "a"}, "must be one of a, b"),
        (
            {"type": "string", "values": tuple("abcdefghijk"), "example": "a"},
            "must be one of 11 known values, such as a, b, c",
        ),
        (
            {"type": "string", "pattern": "^[A-Z]{3}$", "example": "ABC"},
            "must be a string of 1 to 256 characters that matches ^[A-Z]{3}$",
        ),
        (
            {"type": "text", "required": False, "max_length": 9, "example": "x"},
            "must be a string of 0 to 9 characters, null or left out",
        ),
    ],
)
def test_a_rule_describes_the_valid_values(parts: dict[str, Any], sentence: str) -> None:
    assert rule_of(Field(name="x", **parts)) == sentence


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("orgin", "origin"),
        ("ORIGIN", "origin"),
        (" origin", "origin"),
        ("day-calls", "Day Calls"),
        ("x" * 1_000_000, None),
        ("", None),
        ("colour", None),
    ],
)
def test_the_nearest_name_is_similar(name: str, known: str | None) -> None:
    assert nearest(name, ["origin", "destination", "Day Calls"]) == known


def test_a_printable_name_is_valid_utf8_and_short() -> None:
    assert printable("\ud800" + "y" * 1_000) == "?" + "y" * 99
