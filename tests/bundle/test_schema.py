import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle import Field, instance_schema, request_schema, row_type
from tests.tiny_bundle import EXAMPLE, FIELDS

DRAFTS = [jsonschema.Draft4Validator, jsonschema.Draft202012Validator]
DRAFT_4_WORDS = {
    *(
        "type",
        "properties",
        "required",
        "additionalProperties",
        "minimum",
        "maximum",
        "maxLength",
        "minLength",
    ),
    *("pattern", "format", "description", "enum", "anyOf", "items", "minItems", "maxItems"),
}
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
LIKELY = st.sampled_from(
    ["ant", "17:45", "24:00", "2024-02-29", "2023-13-01", "", "ANT", "ant\n", 0, 3.0, 1.5, 100.5]
)


def accepts_schema(row: dict[str, Any]) -> bool:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(instance_schema(FIELDS), format_checker=checker).is_valid(row)


def accepts_type(row: dict[str, Any]) -> bool:
    try:
        msgspec.json.decode(json.dumps(row), type=row_type(FIELDS))
    except msgspec.ValidationError:
        return False
    return True


@given(st.fixed_dictionaries({}, optional={field.name: VALUES | LIKELY for field in FIELDS}))
def test_the_schema_and_the_decoder_accept_the_same_rows(row: dict[str, Any]) -> None:
    assert accepts_schema(row) == accepts_type(row)


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_schema_is_valid_in_both_drafts(draft: Any) -> None:
    draft.check_schema(request_schema(FIELDS))


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize(
    ("body", "valid"),
    [
        (EXAMPLE, True),
        ({"instances": [EXAMPLE, EXAMPLE]}, True),
        ({"instances": []}, False),
        ({"instances": [EXAMPLE] * 1001}, False),
        ({"instances": [EXAMPLE], "more": 1}, False),
        ([EXAMPLE], False),
        ({}, False),
    ],
)
def test_a_body_is_one_row_or_instances(draft: Any, body: Any, valid: bool) -> None:
    assert draft(request_schema(FIELDS)).is_valid(body) is valid


def test_only_words_that_api_gateway_knows_are_used() -> None:
    def words(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(words, schema))
        if not isinstance(schema, dict):
            return set()
        named = schema.get("properties", {})
        rest = {key: value for key, value in schema.items() if key != "properties"}
        return set(schema) | set().union(*map(words, named.values()), *map(words, rest.values()))

    closed = Field(name="colour", type="string", required=False, values=("red", "blue"), example="red")
    assert words(request_schema((*FIELDS, closed))) <= DRAFT_4_WORDS


def test_a_closed_set_of_values_is_an_enumeration() -> None:
    closed = Field(name="colour", type="string", required=False, values=("red", "blue"), example="red")

    assert instance_schema([closed])["properties"]["colour"]["enum"] == ["red", "blue", None]
