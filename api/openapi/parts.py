"""What the document's schemas are put together from."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def schema(name: str) -> Json:
    """A reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(description: str, properties: Mapping[str, Json], *, optional: Sequence[str] = ()) -> Json:
    """An object with these members and no others."""
    return {
        "description": description,
        "type": "object",
        "properties": {**properties},
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
