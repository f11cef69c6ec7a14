"""What a request row must be, in words: for the rows that the decoder refused."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from bundle import Field
from bundle.rows import value_type
from serving.problem import RowError

_LISTED_VALUES = 10


class Rules:
    """The rules of a model's fields, checked one by one where decoding stops at the first."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = {field.name: field for field in fields}
        self._types = {
            field.name: value_type(field) if field.required else value_type(field) | None for field in fields
        }

    def errors(self, instance: Any, row: int) -> Iterator[RowError]:
        """Everything that is wrong with one row.

        Args:
            instance: The row as decoded JSON; whatever the client sent.
            row: Its position in the request.
        """
        if not isinstance(instance, dict):
            yield RowError(row=row, rule="must be a JSON object of field names and values")
            return
        for name in instance:
            if name not in self._fields:
                yield RowError(row=row, field=_printable(name), rule="is not a field of this model")
        for name, field in self._fields.items():
            if name not in instance and field.required:
                yield RowError(row=row, field=name, rule=f"is required and {rule(field)}")
            elif name in instance and not self._fits(name, instance[name]):
                yield RowError(row=row, field=name, rule=rule(field))

    def _fits(self, name: str, value: Any) -> bool:
        try:
            msgspec.convert(value, self._types[name])
        except msgspec.ValidationError:
            return False
        return True


def rule(field: Field) -> str:
    """What a value of `field` must be."""
    absent = "" if field.required else ", null or left out"
    return f"must be {_kind(field)}{absent}"


def _kind(field: Field) -> str:
    if field.is_number:
        kind = "a whole number" if field.type == "integer" else "a number"
        return kind + _range(field)
    if field.type == "date":
        return "a date such as 2024-02-29"
    if field.type == "time":
        return "a time of day such as 17:45"
    if field.values:
        return _choice(field.values)
    match = f" that matches {field.pattern}" if field.pattern else ""
    return f"a string of {1 if field.required else 0} to {field.longest} characters{match}"


def _range(field: Field) -> str:
    unit = f" {field.unit}" if field.unit else ""
    match field.minimum, field.maximum:
        case None, None:
            return ""
        case low, None:
            return f" of at least {low:g}{unit}"
        case None, high:
            return f" of at most {high:g}{unit}"
        case low, high:
            return f" from {low:g} to {high:g}{unit}"


def _choice(values: Sequence[str]) -> str:
    if len(values) <= _LISTED_VALUES:
        return f"one of {', '.join(values)}"
    return f"one of {len(values)} known values, such as {', '.join(values[:3])}"


def _printable(name: str) -> str:
    # JSON can spell half of a surrogate pair, which no UTF-8 answer can repeat.
    return name[:100].encode("utf-8", "replace").decode()
