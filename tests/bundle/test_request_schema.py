"""JSON Schema of request bodies, compared with the decoders."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bundle import (
    CSV_FORMAT,
    MAX_ROWS,
    Field,
    Numerals,
    csv_example,
    instance_schema,
    request_schema,
    row_type,
    values_schema,
)
from tests.tiny_bundle import EXAMPLE, FIELDS


def ecma_pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    """Patterns as JSON Schema means them: Python's $ also matches before a final line break."""
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern}")


Validator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]  # its stubs have no types
    jsonschema.Draft202012Validator, {"pattern": ecma_pattern}
)
TRAILING = (*FIELDS, Field(name="last", type="integer", unit="h", description="The end.", example=1))
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
LIKELY = st.sampled_from(
    ["ant", "17:45", "24:00", "2024-02-29", "2023-13-01", "", "ANT", "ant\n", 0, 3.0, 1.5, 100.5]
)


ROWS = st.fixed_dictionaries({}, optional={field.name: VALUES | LIKELY for field in FIELDS})


def accepts_schema(schema: dict[str, Any], row: Any) -> bool:
    return bool(Validator(schema, format_checker=Validator.FORMAT_CHECKER).is_valid(row))


def accepts_type(row: Any, *, array: bool = False, fields: tuple[Field, ...] = FIELDS) -> bool:
    try:
        msgspec.json.decode(json.dumps(row), type=row_type(fields, array=array))
    except msgspec.ValidationError:
        return False
    return True


@given(ROWS)
@example({"size": 1, "kind": "ant\n"})
@example({"size": 1, "kind": "ant", "at": "17:45\n"})
def test_the_schema_and_the_decoder_accept_the_same_rows(row: dict[str, Any]) -> None:
    assert accepts_schema(instance_schema(FIELDS), row) == accepts_type(row)


NEWER = (
    Field(name="Int'l Mins.", type="number", minimum=-1, maximum=500, from_text=True, example="9.5"),
    Field(name="Calls", type="integer", required=False, from_text=True, example="3"),
    Field(name="Phone", type="string", required=False, ignored=True, example="371-7191"),
    Field(name="text", type="text", example="a b"),
)
SPELT = st.sampled_from(
    ["1", "-0.5", "1e2", " 1", "", "1_0", "inf", "nan", "0x1", "+1", "01", "null", " ", "x"]
)
NEWER_ROWS = st.fixed_dictionaries(
    {}, optional={field.name: VALUES | SPELT | st.integers(-3, 600).map(str) for field in NEWER}
)


@given(NEWER_ROWS)
@example({"Int'l Mins.": "1", "text": "a"})
@example({"Int'l Mins.": "501", "text": "a"})
def test_schema_and_decoder_differ_only_in_the_bounds_of_numbers_as_text(row: dict[str, Any]) -> None:
    by_schema = accepts_schema(instance_schema(NEWER), row)
    try:
        decoded = msgspec.json.decode(json.dumps(row), type=row_type(NEWER))
        Numerals(NEWER).read(msgspec.structs.astuple(decoded))
    except msgspec.ValidationError:
        assert not by_schema or any(is_out(field, row.get(field.name)) for field in NEWER)
    else:
        assert by_schema


def is_out(field: Field, value: Any) -> bool:
    """Whether the value is a text of digits, whose bounds a JSON Schema cannot express."""
    if not (field.from_text and isinstance(value, str)):
        return False
    number = float(value)
    return not field.lowest <= number <= field.highest or (field.type == "integer" and number % 1 != 0)


@given(st.lists(VALUES | LIKELY, max_size=7))
def test_the_schema_and_the_decoder_accept_the_same_arrays(row: list[Any]) -> None:
    for fields in (FIELDS, TRAILING):
        assert accepts_schema(values_schema(fields), row) == accepts_type(row, array=True, fields=fields)


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        (EXAMPLE, True),
        ({"instances": [EXAMPLE, EXAMPLE]}, True),
        ({"instances": []}, False),
        ({"instances": [EXAMPLE] * (MAX_ROWS + 1)}, False),
        ({"instances": [EXAMPLE], "more": 1}, False),
        ({"values": [[1], [2, None, None, None, "ant"]]}, True),
        ({"values": [[1, 2, "2024-02-29", "17:45", "ant", 6]]}, False),
        ({"values": [[]]}, False),
        ({"values": [EXAMPLE]}, False),
        ({"values": [[1]] * (MAX_ROWS + 1)}, False),
        ({"data": "size\n1"}, True),
        ({"data": ""}, False),
        ({"data": ["1"]}, False),
        ({"data": "1", "instances": [EXAMPLE]}, False),
        ([EXAMPLE], False),
        ({}, False),
    ],
)
def test_a_body_is_one_row_or_one_member_with_rows(body: Any, valid: bool) -> None:
    Validator.check_schema(request_schema(FIELDS))

    assert Validator(request_schema(FIELDS)).is_valid(body) is valid


def test_an_array_must_contain_all_required_values() -> None:
    assert values_schema(FIELDS)["minItems"] == 1
    assert values_schema(TRAILING)["minItems"] == values_schema(TRAILING)["maxItems"] == len(TRAILING)
    assert values_schema(FIELDS[1:])["minItems"] == 0


def test_every_request_shape_accepts_its_example() -> None:
    shapes = request_schema(TRAILING)["anyOf"]

    for shape in shapes:
        assert [Validator(shape).is_valid(example) for example in shape["examples"]] == [True]
    assert [[*shape["examples"][0]] for shape in shapes[1:]] == [["instances"], ["values"], ["data"]]


def test_a_value_schema_has_unit_and_example() -> None:
    described = instance_schema(TRAILING)["properties"]["last"]

    assert (described["description"], described["examples"]) == ("The end. (h)", [1])


def test_the_csv_example_is_a_header_and_a_row() -> None:
    field = Field(name="a, b", type="text", example='say "so"')

    text = csv_example([field, *FIELDS])

    header, row = csv.reader(io.StringIO(text, newline=""))
    assert header == ["a, b", *(field.name for field in FIELDS)]
    assert row == ['say "so"', *(str(field.example) for field in FIELDS)]


def test_the_csv_member_has_a_custom_format() -> None:
    data = request_schema(FIELDS)["anyOf"][3]["properties"]["data"]

    assert (data["type"], data["format"]) == ("string", CSV_FORMAT)


def test_a_model_with_a_field_named_data_has_no_csv_member() -> None:
    field = Field(name="data", type="string", example="a")

    shapes = request_schema([field])["anyOf"]

    assert [[*shape["properties"]] for shape in shapes] == [["data"], ["instances"], ["values"]]


def test_a_closed_set_of_values_is_an_enumeration() -> None:
    closed = Field(name="colour", type="string", required=False, values=("red", "blue"), example="red")

    assert instance_schema([closed])["properties"]["colour"]["enum"] == ["red", "blue", None]


def test_a_boolean_has_no_other_rules_and_is_a_word_in_csv() -> None:
    fields = (
        Field(name="is_new", type="boolean", description="Whether new.", example=True),
        Field(name="is_late", type="boolean", required=False, example=False),
    )

    new, late = instance_schema(fields)["properties"].values()

    assert new == {"type": "boolean", "description": "Whether new.", "examples": [True]}
    assert late["type"] == ["boolean", "null"]
    assert csv_example(fields).splitlines() == ["is_new,is_late", "true,false"]
