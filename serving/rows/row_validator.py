"""Row validator: checks every rule of every row, where msgspec's decoder stops at the first error."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from bundle import Field, Numerals, row_type
from bundle.rows import broken_rules, value_type
from bundle.texts.counted_noun import counted
from serving.problem import Problem, RowError
from serving.rows.request_rows import FieldError, InvalidRow, RequestRows, Row, RuleChecker, columns_of
from serving.rows.row_error_messages import printable, rule_of, unknown_field_rule

_LISTED_ERRORS = 100
_LISTED_ERRORS_OF_A_ROW = 20
_SUGGESTIONS = 20

JsonRow = dict[str, Any]


class MalformedRow(NamedTuple):
    """A row without named values, and the rule that it breaks."""

    rule: str


# A row of a request before validation.
RawRow = JsonRow | MalformedRow


class RowValidator:
    """Validates the rows of requests that could not be decoded in one step."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = {field.name: field for field in fields}
        self._row = row_type(fields)
        self._numerals = Numerals(fields)
        self._rules = RuleChecker(fields)
        self._types: dict[str, Any] = {
            field.name: value_type(field) if field.required else value_type(field) | None for field in fields
        }

    def validate(self, rows: Sequence[RawRow], *, skip: bool, members: Sequence[str] = ()) -> RequestRows:
        """Returns the valid rows of a request and, if `skip` is set, its invalid rows.

        Args:
            rows: All rows of the request.
            skip: Whether invalid rows are skipped instead of refusing the request.
            members: Names other than fields that a client may have meant.

        Raises:
            Problem: 422 when rows are invalid and not skipped, with row, field and rule of each error.
        """
        valid: list[Row] = []
        invalid: dict[int, Sequence[str]] = {}
        for position, raw in enumerate(rows):
            row = self.values(raw)
            if row is None:
                invalid[position] = self.invalid_names(raw)
            else:
                valid.append(row)
        describer = ErrorDescriber([*self._fields.values()], members=members)
        if invalid and not skip:
            raise _refusal(rows, invalid, describer)
        skipped = {at: _invalid_row(rows[at], names, describer) for at, names in invalid.items()}
        return RequestRows(columns_of([*self._fields], valid), len(valid), skipped)

    def values(self, raw: RawRow) -> Row | None:
        """Returns the values of a row in field order; None when the row is invalid."""
        try:
            row = self._numerals.read(astuple(msgspec.convert(raw, self._row)))
        except msgspec.ValidationError:
            return None
        return row if self._rules.matches(row) else None

    def invalid_names(self, raw: RawRow) -> list[str]:
        """Lists the unknown names and the invalid fields of a row; [""] for a malformed row."""
        if isinstance(raw, MalformedRow):
            return [""]
        unknown = [name for name in raw if name not in self._fields]
        values: dict[str, Any] = {}
        invalid = {name for name in self._fields if not self._read(name, raw, values)}
        invalid |= broken_rules([*self._fields.values()], values)
        return [*unknown, *(name for name in self._fields if name in invalid)]

    def _read(self, name: str, raw: JsonRow, values: JsonRow) -> bool:
        """Adds the value of a field to `values`; returns whether it is valid."""
        if name not in raw:
            return not self._fields[name].required
        value, field = raw[name], self._fields[name]
        from_text = bool(field.from_text) and isinstance(value, str)
        try:
            found = msgspec.convert(value, self._types[name], strict=not from_text)
        except msgspec.ValidationError:
            return False
        values[name] = found
        # Not strict, msgspec reads None from the text "null".
        return not (from_text and found is None)


class ErrorDescriber:
    """Describes the errors of rows in sentences for clients."""

    def __init__(self, fields: Sequence[Field], *, members: Sequence[str] = ()) -> None:
        self._rules = {field.name: rule_of(field) for field in fields}
        self._known = [*self._rules, *members]
        self._unknown: dict[str, str] = {}

    def describe(self, raw: RawRow, name: str) -> FieldError:
        """Returns the error of a row under one of its `RowValidator.invalid_names`."""
        if isinstance(raw, MalformedRow):
            return FieldError(rule=raw.rule)
        if name not in self._rules:
            return FieldError(printable(name), self.unknown_rule(name))
        return FieldError(name, self.rule(name, given=name in raw))

    def rule(self, name: str, *, given: bool) -> str:
        """Returns the rule of a field, which its value breaks or which is not given."""
        return self._rules[name] if given else f"is required and {self._rules[name]}"

    def unknown_rule(self, name: str) -> str:
        """Returns the rule that an unknown name breaks."""
        if name not in self._unknown:
            # The search for similar names is slow, so it is limited to the first unknown names.
            known = self._known if len(self._unknown) < _SUGGESTIONS else ()
            self._unknown[name] = unknown_field_rule(name, known)
        return self._unknown[name]


def _invalid_row(raw: RawRow, names: Sequence[str], describer: ErrorDescriber) -> InvalidRow:
    listed = names[:_LISTED_ERRORS_OF_A_ROW]
    return InvalidRow([describer.describe(raw, name) for name in listed], len(names) - len(listed))


def _refusal(
    rows: Sequence[RawRow], invalid: Mapping[int, Sequence[str]], describer: ErrorDescriber
) -> Problem:
    found = [(position, name) for position, names in invalid.items() for name in names]
    listed = []
    for position, name in found[:_LISTED_ERRORS]:
        error = describer.describe(rows[position], name)
        listed.append(RowError(row=position, field=error.field, rule=error.rule))
    more = f"; the first {_LISTED_ERRORS} are listed" if len(found) > _LISTED_ERRORS else ""
    errors = counted(len(found), "error")
    detail = f"The request has {errors} in {len(invalid):,} of its {len(rows):,} rows{more}."
    return Problem(422, detail, errors=listed)
