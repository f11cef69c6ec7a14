"""JSON Lines decoder: a request body with one row per line, as SageMaker's batch transform sends it.

Sources: https://jsonlines.org and
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from collections.abc import Sequence

from msgspec import ValidationError

from bundle import MAX_ROWS
from serving.problem import Problem, too_large
from serving.rows.json_document import UTF8_MARK
from serving.rows.json_rows import JsonDecoder
from serving.rows.request_rows import RequestRows, Row
from serving.rows.row_validator import MalformedRow, RawRow, RowValidator
from serving.rows.strict_json import parse


class JsonLinesDecoder:
    """Decodes and validates lines; each is a row: a JSON object, or an array in the order of the fields."""

    def __init__(self, json_decoder: JsonDecoder, validator: RowValidator) -> None:
        self._json = json_decoder
        self._validator = validator

    def decode(self, body: bytes, *, skip: bool = False) -> RequestRows:
        """Decodes the rows of a request; empty lines are no rows.

        Args:
            body: Body of the request.
            skip: Whether invalid rows are skipped instead of refusing the request.

        Raises:
            Problem: 413 when there are too many rows, 422 when there is none, or one is invalid.
        """
        lines = [line for line in body.removeprefix(UTF8_MARK).split(b"\n") if line.strip()]
        if not lines:
            raise Problem(422, "The request has no rows: send one line at least.")
        if len(lines) > MAX_ROWS:
            raise too_large("The request has too many rows")
        try:
            return self.decode_valid(lines)
        except ValidationError:
            return self.validate(lines, skip=skip)

    def decode_valid(self, lines: Sequence[bytes]) -> RequestRows:
        """Decodes lines, each of which is a valid JSON object.

        Raises:
            ValidationError: When one is anything else, which `validate` may accept.
        """
        return self._json.columns([self._valid_row(line) for line in lines])

    def validate(self, lines: Sequence[bytes], *, skip: bool) -> RequestRows:
        """Validates lines one by one.

        Raises:
            Problem: 422 when one is invalid and not skipped.
        """
        return self._validator.validate([self.raw_row(line) for line in lines], skip=skip)

    def _valid_row(self, line: bytes) -> Row:
        try:
            row = self._json.row.decode(line)
        except Problem:
            row = None
        if row is None:
            raise ValidationError
        return row

    def raw_row(self, line: bytes) -> RawRow:
        """Parses a line to a row before validation."""
        try:
            row = parse(line)
        except (ValueError, RecursionError) as error:
            return MalformedRow(f"must be JSON ({error})")
        if isinstance(row, dict):
            return row
        if isinstance(row, list):
            return self._json.document.row_of_array(row)
        return MalformedRow("must be a JSON object, or an array of values in the order of the fields")
