"""Fields as a msgspec type: one request row, decoded and validated in one step."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from bundle.field import Field


def row_type(fields: Sequence[Field], *, array: bool = False, patterns: bool = True) -> type[msgspec.Struct]:
    """The struct of one request row.

    Its attributes stand in the order of `fields`, so `msgspec.structs.astuple` gives the values in that
    order. They are numbered, because a field's name need not be an identifier; on the wire names are used.
    Unknown keys are refused; an optional field is None when absent or null. A number that came as text, where
    its field allows that, is still any text: `Numerals` reads it.

    Args:
        fields: The fields, in order.
        array: Whether the row is an array of the values, of which optional ones at its end may be left out,
            and not an object.
        patterns: Whether strings are held against their fields' patterns; else whoever decodes has to.
    """
    attributes = {f"value_{position}": field for position, field in enumerate(fields)}
    return msgspec.defstruct(
        "Row",
        [
            (attribute, _sent_type(field, patterns=patterns))
            if field.required
            else (attribute, _sent_type(field, patterns=patterns) | None, None)
            for attribute, field in attributes.items()
        ],
        rename={attribute: field.name for attribute, field in attributes.items()},
        array_like=array,
        forbid_unknown_fields=True,
        frozen=True,
        kw_only=True,
        gc=False,
    )


def _sent_type(field: Field, *, patterns: bool) -> Any:
    kind = value_type(field, patterns=patterns)
    return kind | str if field.from_text else kind


def value_type(field: Field, *, patterns: bool = True) -> Any:
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
    shortest = 1 if field.required else None
    pattern = value_pattern(field) if patterns else None
    return Annotated[str, msgspec.Meta(pattern=pattern, min_length=shortest, max_length=field.longest)]


def value_pattern(field: Field) -> str | None:
    """The regular expression to search a string value for; None where its type alone decides."""
    if field.type == "date" or field.values or field.shape is None:
        return None
    # Python's $ also matches before a final line break; JSON Schema's does not.
    return f"{field.shape[:-1]}\\Z" if field.shape.endswith("$") else field.shape
