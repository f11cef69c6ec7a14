"""Building blocks of JSON Schemas: references and closed objects."""

from collections.abc import Mapping, Sequence

from api.model_url_paths import JsonObject


def schema_reference(name: str) -> JsonObject:
    """Returns a reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed_object(
    description: str, properties: Mapping[str, JsonObject], *, optional: Sequence[str] = ()
) -> JsonObject:
    """Returns the schema of an object with these members and no others."""
    return {
        "description": description,
        "type": "object",
        "properties": {**properties},
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
