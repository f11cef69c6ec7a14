"""JSON Schema 2020-12, the dialect of OpenAPI 3.1, of request bodies; limits of one request."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from bundle.field import NUMBER_PATTERN, Field
from bundle.rows import comparison, day_range

MAX_ROWS = 1_000
MAX_BODY_BYTES = 1_048_576
# Rows of a request for reasons, and reasons of one prediction.
MAX_EXPLAINED_ROWS = 100
MOST_REASONS = 100

# Formats of the "data" string and of bodies. JSON Schema allows custom formats; none is registered for these.
CSV_FORMAT = "csv"
JSON_LINES_FORMAT = "jsonlines"


def instance_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Returns the JSON Schema of one request row as an object."""
    return {
        "type": "object",
        "properties": {field.name: _value_schema(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
        "examples": [{field.name: field.example for field in fields}],
    }


def values_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Returns the JSON Schema of a row as an array in field order; its optional end may be omitted."""
    needed = max((place for place, field in enumerate(fields, 1) if field.required), default=0)
    return {
        "type": "array",
        "prefixItems": [_value_schema(field) for field in fields],
        "minItems": needed,
        "maxItems": len(fields),
        "examples": [[field.example for field in fields]],
    }


def request_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Returns the JSON Schema of a request body: one row, or an object whose one member holds many rows.

    The member is `instances` (rows as objects), `values` (rows as arrays) or `data` (CSV, as text). A model
    with a field named "data" has no member of that name.
    """
    one = instance_schema(fields)
    rows = {"instances": one, "values": values_schema(fields)}
    many = [
        _holder(name, {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": row}, row["examples"])
        for name, row in rows.items()
    ]
    text = {
        "type": "string",
        "format": CSV_FORMAT,
        "minLength": 1,
        "description": "Rows as comma-separated values (RFC 4180), with or without a header line.",
    }
    table = [] if "data" in one["properties"] else [_holder("data", text, csv_example(fields))]
    return {"anyOf": [one, *many, *table]}


def csv_example(fields: Sequence[Field]) -> str:
    """Returns a header line and the example row as CSV (RFC 4180)."""
    text = io.StringIO()
    example = [csv_cell(field.example) for field in fields]
    csv.writer(text).writerows([[field.name for field in fields], example])
    return text.getvalue()


def csv_cell(value: Any) -> Any:
    """Returns a JSON value as the cell of a CSV, in which booleans are "true" and "false"."""
    return json.dumps(value) if isinstance(value, bool) else value


def _holder(name: str, content: dict[str, Any], example: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: content},
        "required": [name],
        "additionalProperties": False,
        "examples": [{name: example}],
    }


def _value_schema(field: Field) -> dict[str, Any]:
    kinds: list[str] = ["string" if field.is_string else field.type]
    kinds += ["string"] if field.from_text else []
    kinds += [] if field.required else ["null"]
    schema: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0]}
    if field.is_number:
        # JSON Schema does not apply bounds to a number that is sent as text.
        schema |= {"minimum": field.lowest, "maximum": field.highest}
        schema |= {"pattern": NUMBER_PATTERN} if field.from_text else {}
    elif field.type == "boolean":
        pass
    elif field.values:
        schema |= {"enum": [*field.values] if field.required else [*field.values, None]}
    else:
        schema |= {"maxLength": field.longest} | ({"minLength": 1} if field.required else {})
        schema |= {"pattern": field.shape} if field.shape else {}
    if field.type == "date":
        schema["format"] = "date"
    unit = f" ({field.unit})" if field.unit else ""
    # JSON Schema has no keyword for bounds of a date, nor for two values that differ.
    rules = [f"must be {day_range(field)}"] if day_range(field) else []
    rules += [comparison(field)] if comparison(field) else []
    sentence = f" It {', and '.join(rules)}." if rules else ""
    return schema | {"description": f"{field.description}{unit}{sentence}", "examples": [field.example]}
