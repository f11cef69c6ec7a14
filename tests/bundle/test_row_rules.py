"""Rules of rows that fields state."""

import datetime
from typing import Any

import pytest

from bundle import BundleError, Field, Manifest, instance_schema
from bundle.rows import broken_rules, rule_contradictions
from tests.tiny_bundle import EXAMPLE, FIELDS, tiny_manifest

START = Field(name="start", type="date", earliest="2013-01-01", latest="2013-12-31", example="2013-06-30")
END = Field(name="end", type="date", required=False, not_less_than="start", example="2013-07-01")
ORIGIN = Field(name="origin", type="string", description="From.", example="JFK")
DESTINATION = Field(
    name="destination", type="string", differs_from="origin", description="To.", example="SFO"
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        ({"start": day("2013-01-01"), "end": day("2013-01-01")}, set()),
        ({"start": day("2013-12-31"), "end": None}, set()),
        ({"start": day("2012-12-31")}, {"start"}),
        ({"start": day("2014-01-01"), "end": day("2013-12-31")}, {"start", "end"}),
        ({"start": day("2013-06-02"), "end": day("2013-06-01")}, {"end"}),
    ],
)
def test_bounds_are_inclusive_and_an_absent_value_breaks_no_rule(
    row: dict[str, Any], broken: set[str]
) -> None:
    assert broken_rules([START, END], row) == broken


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"type": "string", "earliest": "2013-01-01"}, "is no date"),
        ({"type": "date", "earliest": "2013-1-1"}, "is no day"),
        ({"type": "date", "earliest": "2013-01-02", "latest": "2013-01-01"}, "in the wrong order"),
        ({"type": "string", "differs_from": "field"}, "names no other field"),
        ({"type": "string", "differs_from": "orgin"}, "names no other field: 'orgin'"),
        ({"type": "date", "differs_from": "origin"}, "another type"),
        ({"type": "string", "not_less_than": "origin"}, "that is no number, date or time"),
    ],
)
def test_a_contradiction_in_the_rules_is_a_sentence(option: dict[str, Any], sentence: str) -> None:
    field = Field(name="field", example="", **option)

    [found] = rule_contradictions([ORIGIN, field])

    assert "'field'" in found
    assert sentence in found


def test_a_manifest_with_rules_has_the_newest_format_and_other_manifests_keep_theirs() -> None:
    bounded = Field(name="day", type="date", required=False, earliest="2024-01-01", example="2024-02-29")
    fields = tuple(bounded if field.name == "day" else field for field in FIELDS)

    plain, ruled = (tiny_manifest(fields=found).sealed(b"") for found in (FIELDS, fields))

    assert (plain.format, ruled.format) == (1, 3)
    assert b"earliest" not in plain.encode()
    assert Manifest.decode(ruled.encode()) == ruled


def test_a_golden_row_that_breaks_a_rule_is_refused() -> None:
    late = Field(name="day", type="date", required=False, earliest="2024-03-01", example="2024-03-01")
    fields = tuple(late if field.name == "day" else field for field in FIELDS)

    assert EXAMPLE["day"] == "2024-02-29"
    with pytest.raises(BundleError, match="golden row that its own fields refuse"):
        tiny_manifest(fields=fields).check()


def test_the_json_schema_says_the_rules_in_the_descriptions() -> None:
    found = instance_schema([START, END, ORIGIN, DESTINATION])["properties"]

    assert found["start"]["description"].endswith("It must be from 2013-01-01 to 2013-12-31.")
    assert found["end"]["description"].endswith("It must not be less than start.")
    assert found["destination"]["description"] == "To. It must differ from origin."
    assert found["origin"]["description"] == "From."
