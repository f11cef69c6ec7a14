"""The rules of a model's fields, one by one, where decoding stops at the first that is broken."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from bundle import Field, Numerals, row_type
from bundle.rows import value_type
from serving.rows.rows import Fault, Row
from serving.rows.rule_sentences import printable, rule, unknown

_SUGGESTIONS = 20

Instance = dict[str, Any]


class Misfit(NamedTuple):
    """A row that does not even have named values, and what it must be."""

    rule: str


class Rules:
    """What the rows of one model must be."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._row = row_type(fields)
        self._numerals = Numerals(fields)
        self._fields = {field.name: field for field in fields}
        self._types: dict[str, Any] = {
            field.name: value_type(field) if field.required else value_type(field) | None for field in fields
        }

    def row(self, instance: Instance | Misfit) -> Row | None:
        """The values of a row in field order; None when it breaks a rule."""
        try:
            return self._numerals.read(astuple(msgspec.convert(instance, self._row)))
        except msgspec.ValidationError:
            return None

    def broken(self, instance: Instance | Misfit) -> list[str]:
        """The names under which a row is wrong: unknown ones, then fields; a misfit is wrong under ""."""
        if isinstance(instance, Misfit):
            return [""]
        unknown_names = [name for name in instance if name not in self._fields]
        return [*unknown_names, *(name for name in self._fields if not self._holds(name, instance))]

    def _holds(self, name: str, instance: Instance) -> bool:
        if name not in instance:
            return not self._fields[name].required
        value, field = instance[name], self._fields[name]
        from_text = bool(field.from_text) and isinstance(value, str)
        try:
            found = msgspec.convert(value, self._types[name], strict=not from_text)
        except msgspec.ValidationError:
            return False
        # "null" as text is read as none, and is no number.
        return not (from_text and found is None)


class Sentences:
    """What is wrong, in words, with the rows of one request."""

    def __init__(self, fields: Sequence[Field], *, also: Sequence[str] = ()) -> None:
        self._rules = {field.name: rule(field) for field in fields}
        self._known = [*self._rules, *also]
        self._unknown: dict[str, str] = {}

    def fault(self, instance: Instance | Misfit, name: str) -> Fault:
        """The fault of a row under one of the names that `Rules.broken` gives for it."""
        if isinstance(instance, Misfit):
            return Fault(rule=instance.rule)
        known = self._rules.get(name)
        if known is None:
            return Fault(printable(name), self.unknown_rule(name))
        return Fault(name, known if name in instance else f"is required and {known}")

    def unknown_rule(self, name: str) -> str:
        """The rule that a name breaks which no field has."""
        if name not in self._unknown:
            # Looking for near names takes far longer than all the rest, so not for every name of very many.
            known = self._known if len(self._unknown) < _SUGGESTIONS else ()
            self._unknown[name] = unknown(name, known)
        return self._unknown[name]
