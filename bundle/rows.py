"""Fields as a msgspec type: one request row, decoded and validated in one step."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from bundle.field import Field


def row_type(fields: Sequence[Field]) -> type[msgspec.Struct]:
    """The struct of one request row.

    Its attributes stand in the order of `fields`, so `msgspec.structs.astuple` gives the values in that
    order. They are numbered, because a field's name need not be an identifier; on the wire names are used.
    Unknown keys are refused; an optional field is None when absent or null.
    """
    attributes = {f"value_{position}": field for position, field in enumerate(fields)}
    return msgspec.defstruct(
        "Row",
        [
            (attribute, value_type(field)) if field.required else (attribute, value_type(field) | None, None)
            for attribute, field in attributes.items()
        ],
        rename={attribute: field.name for attribute, field in attributes.items()},
        forbid_unknown_fields=True,
        frozen=True,
        kw_only=True,
        gc=False,
    )


def value_type(field: Field) -> Any:
    """The annotation of one present value: its Python type with the field's bounds.

    An integer is decoded as a float that is whole, because JSON does not tell 3 from 3.0.
    """
    if field.is_number:
        whole = 1 if field.type == "integer" else None
        return Annotated[float, msgspec.Meta(ge=field.lowest, le=field.highest, multiple_of=whole)]
    if field.type == "date":
        return datetime.date
    if field.values:
        return Literal[field.values]
    pattern = field.shape
    shortest = 1 if field.required else None
    return Annotated[
        str,
        msgspec.Meta(pattern=pattern and _strict_end(pattern), min_length=shortest, max_length=field.longest),
    ]


def _strict_end(pattern: str) -> str:
    # Python's $ also matches before a final line break; JSON Schema's does not.
    return f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
