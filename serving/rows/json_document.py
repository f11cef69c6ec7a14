"""JSON document: the shape of a parsed request body, and the rows to validate in it."""

from collections.abc import Sequence
from typing import Any

from bundle import MAX_ROWS
from serving.problem import Problem, too_large
from serving.rows.request_rows import RequestRows
from serving.rows.row_validator import MalformedRow, RawRow, RowValidator
from serving.rows.strict_json import parse

# Byte order mark, with which some programs begin a text. A parser may ignore it (RFC 8259, section 8.1).
UTF8_MARK = b"\xef\xbb\xbf"
MEMBERS = ("instances", "values", "data")

_SHAPES = (
    'one row as a JSON object, {"instances": [row, ...]}, {"values": [[value, ...], ...]} '
    'or {"data": "the text of a CSV"}'
)


class JsonDocument:
    """Validates the rows of a parsed body, to list all errors of an invalid request.

    A name that is both a field and one of MEMBERS is the field, unless its value is a list, which no field
    accepts.

    Args:
        names: Names of the fields, in order.
        validator: Validator of the rows.
    """

    def __init__(self, names: Sequence[str], validator: RowValidator) -> None:
        self._names = names
        self._validator = validator

    def validate(self, document: Any, *, skip: bool) -> RequestRows:
        """Returns the valid rows of a document and, if `skip` is set, its invalid rows.

        Raises:
            Problem: 400 when the document is no object, 413 when it has too many rows, 422 when its shape or
                a row is invalid.
        """
        if not isinstance(document, dict):
            raise Problem(400, f"The body must be {_SHAPES}.")
        member = next((name for name in MEMBERS if self._is_member(name, document)), None)
        if member is None:
            return self._validator.validate([document], skip=skip, members=MEMBERS)
        content = document[member]
        if len(document) > 1 or not isinstance(content, list) or member == "data":
            raise Problem(422, f'The body must be {_SHAPES}, with nothing beside "{member}".')
        check_row_count(content)
        convert = self.row_of_array if member == "values" else _from_object
        return self._validator.validate([convert(row) for row in content], skip=skip)

    def row_of_array(self, row: Any) -> RawRow:
        """Names the values of a row that is a JSON array in the order of the fields."""
        if not isinstance(row, list):
            return MalformedRow("must be a JSON array of values in the order of the fields")
        if len(row) > len(self._names):
            return MalformedRow(f"has {len(row)} values: {len(self._names)} are the most")
        return dict(zip(self._names, row, strict=False))

    def _is_member(self, name: str, document: dict[str, Any]) -> bool:
        if name not in self._names:
            return name in document
        return name != "data" and isinstance(document.get(name), list)


def check_row_count(rows: Sequence[Any]) -> None:
    """Raises Problem: 422 for no rows, 413 for more than MAX_ROWS."""
    if not rows:
        raise Problem(422, "The request has no rows: send one row at least.")
    if len(rows) > MAX_ROWS:
        raise too_large("The request has too many rows")


def parse_document(body: bytes) -> Any:
    """Parses a body with `strict_json`; raises Problem 400 when it is not JSON."""
    try:
        return parse(body)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from error


def not_json(error: Exception) -> Problem:
    """Returns the problem of a body that is not JSON."""
    return Problem(400, f"The body is not JSON ({error}): send {_SHAPES}, in UTF-8.")


def _from_object(row: Any) -> RawRow:
    return row if isinstance(row, dict) else MalformedRow("must be a JSON object of field names and values")
