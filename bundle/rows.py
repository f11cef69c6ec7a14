"""Request row: its msgspec type, numbers that are sent as text, and the rules of rows that fields state."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from types import GenericAlias
from typing import Annotated, Any, Literal

import msgspec

from bundle.field import Field


def row_type(fields: Sequence[Field], *, array: bool = False, patterns: bool = True) -> type[msgspec.Struct]:
    """Returns the msgspec struct type of one request row.

    Its attributes have the order of `fields`, so `msgspec.structs.astuple` returns the values in that order.
    The attributes are numbered, because a field's name need not be an identifier; JSON uses the names.
    Unknown keys are refused; an optional field is None when absent or null. A number sent as text, where
    its field allows that, is decoded as any string: `Numerals` reads it.

    Args:
        fields: The fields, in order.
        array: Whether the row is an array of values instead of an object; optional values at its end may be
            omitted.
        patterns: Whether decoding checks the patterns of strings; otherwise the caller must.
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
    """Returns the annotation of one present value: its Python type with the field's bounds.

    An integer is decoded as a whole float, because JSON does not distinguish 3 from 3.0.
    """
    if field.is_number:
        whole = 1 if field.type == "integer" else None
        return Annotated[float, msgspec.Meta(ge=field.lowest, le=field.highest, multiple_of=whole)]
    if field.type == "boolean":
        return bool
    if field.type == "date":
        return datetime.date
    if field.values:
        return Literal[field.values]
    shortest = 1 if field.required else None
    pattern = value_pattern(field) if patterns else None
    return Annotated[str, msgspec.Meta(pattern=pattern, min_length=shortest, max_length=field.longest)]


def value_pattern(field: Field) -> str | None:
    """Returns the regular expression to search in a string value; None where the type alone decides."""
    if field.type in ("date", "boolean") or field.values or field.shape is None:
        return None
    # Python's $ also matches before a final line break; JSON Schema's does not.
    return f"{field.shape[:-1]}\\Z" if field.shape.endswith("$") else field.shape


class Numerals:
    """Reads numbers sent as text from rows decoded with `row_type`; false when no field allows them.

    Attributes:
        positions: Positions, in a row, of the fields that allow them.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        found = {position: field for position, field in enumerate(fields) if field.from_text}
        kinds = [
            value_type(field) if field.required else value_type(field) | None for field in found.values()
        ]
        self.positions = tuple(found)
        self._together: Any = GenericAlias(tuple, tuple(kinds)) if kinds else None
        self._columns: dict[str, Any] = {
            field.name: GenericAlias(list, (kind,)) for field, kind in zip(found.values(), kinds, strict=True)
        }

    def __bool__(self) -> bool:
        return bool(self.positions)

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Returns a row, its values in field order, with texts replaced by their numbers.

        Raises:
            msgspec.ValidationError: When a text is not a number, or not one that its field allows.
        """
        if not self.positions:
            return tuple(row)
        values = [*row]
        numbers = _read([values[position] for position in self.positions], self._together)
        for position, number in zip(self.positions, numbers, strict=True):
            values[position] = number
        return tuple(values)

    def read_columns(self, columns: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
        """Replaces the texts of many rows, given as columns by field name; raises as `read`."""
        return {
            name: _read(values, self._columns[name]) if name in self._columns else values
            for name, values in columns.items()
        }


def _read(values: Sequence[Any], kind: Any) -> Sequence[Any]:
    # Not strict, msgspec reads a JSON number from a text, but also None from "null".
    numbers: Sequence[Any] = msgspec.convert(values, kind, strict=False)
    if numbers.count(None) != values.count(None):
        raise msgspec.ValidationError("null as text is not a number")
    return numbers


def day_range(field: Field) -> str:
    """Returns the days that a date field allows, such as "from 2013-01-01 to 2013-12-31"; "" for all days."""
    if field.earliest and field.latest:
        return f"from {field.earliest} to {field.latest}"
    if field.earliest:
        return f"from {field.earliest} on"
    return f"until {field.latest}" if field.latest else ""


def comparison(field: Field) -> str:
    """Returns what the value must be beside another field's, such as "must differ from origin", or ""."""
    parts = [f"must differ from {field.differs_from}"] if field.differs_from else []
    parts += [f"must not be less than {field.not_less_than}"] if field.not_less_than else []
    return " and ".join(parts)


def broken_rules(fields: Sequence[Field], row: Mapping[str, Any]) -> set[str]:
    """Returns the names of the fields whose rules a row breaks, given its decoded values by name."""
    broken = set()
    for field in fields:
        for rule in field.row_rules():
            values = [row.get(name) for name in rule.fields]
            if None not in values and not rule.holds(*values):
                broken.add(field.name)
    return broken


def rule_contradictions(fields: Sequence[Field]) -> Iterator[str]:
    """Yields, as the end of a sentence, what is wrong in the rules that the fields state."""
    by_name = {field.name: field for field in fields}
    for field in fields:
        days = [day for day in (field.earliest, field.latest) if day]
        if days and (field.type != "date" or not all(map(_is_day, days)) or days != sorted(days)):
            yield (
                f"has a field {field.name!r} with earliest or latest that is no date, or whose earliest or "
                'latest is no day such as "2013-06-30", or in the wrong order'
            )
        for option, other in (("differs_from", field.differs_from), ("not_less_than", field.not_less_than)):
            if not other:
                continue
            if other == field.name or other not in by_name:
                yield f"has a field {field.name!r} whose {option} names no other field: {other!r}"
            elif _kind(field) != _kind(by_name[other]):
                yield f"has a field {field.name!r} whose {option} names a field of another type: {other!r}"
            elif option == "not_less_than" and _kind(field) not in ("number", "date", "time"):
                yield f"has a field {field.name!r} with not_less_than that is no number, date or time"


def _kind(field: Field) -> str:
    return "number" if field.is_number else field.type


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
