"""Fields as JSON Schema, in the words that draft 4 (API Gateway's models) and 2020-12 (OpenAPI 3.1) share.

API Gateway refuses a model with a keyword that draft 4 does not have, `example` among them.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from collections.abc import Sequence
from typing import Any

from bundle.field import Field

MAX_ROWS = 1_000


def instance_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """JSON Schema of one request row."""
    return {
        "type": "object",
        "properties": {field.name: _value_schema(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def request_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """JSON Schema of a request body: one row, or {"instances": [row, ...]}."""
    row = instance_schema(fields)
    rows = {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": row}
    many = {
        "type": "object",
        "properties": {"instances": rows},
        "required": ["instances"],
        "additionalProperties": False,
    }
    return {"anyOf": [row, many]}


def _value_schema(field: Field) -> dict[str, Any]:
    kind = field.type if field.is_number else "string"
    schema: dict[str, Any] = {"type": kind if field.required else [kind, "null"]}
    if field.is_number:
        schema |= {"minimum": field.lowest, "maximum": field.highest}
    elif field.values:
        schema |= {"enum": [*field.values] if field.required else [*field.values, None]}
    else:
        schema |= {"maxLength": field.longest} | ({"minLength": 1} if field.required else {})
        schema |= {"pattern": field.shape} if field.shape else {}
    if field.type == "date":
        schema["format"] = "date"
    unit = f" ({field.unit})" if field.unit else ""
    return schema | {"description": f"{field.description}{unit}"}
