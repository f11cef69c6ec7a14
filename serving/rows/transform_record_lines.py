"""Lines of a batch transform job: each is a record, and a malformed one is an invalid row of its own.

SageMaker splits a file at its line ends, so that no record of a CSV may contain one:
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import csv
from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec

from serving.problem import Problem
from serving.rows.csv_rows import CsvDecoder, Record
from serving.rows.json_document import UTF8_MARK
from serving.rows.request_rows import RequestRows, join
from serving.rows.row_validator import MalformedRow

# Rows that are validated one by one when one of them is invalid.
_SMALLEST_PART = 32


_Record = TypeVar("_Record")
_Read = TypeVar("_Read", contravariant=True)


class LineDecoder(Protocol[_Read]):
    """Decodes lines: bytes, or the part of them that was read."""

    def decode_valid(self, lines: Sequence[_Read], /) -> RequestRows:
        """Decodes lines of which each is valid; raises msgspec.ValidationError when one is not."""

    def validate(self, lines: Sequence[_Read], /, *, skip: bool) -> RequestRows:
        """Decodes lines one by one; raises Problem 422 when one is invalid and not skipped."""


class CsvLineDecoder:
    """Decodes lines of CSV.

    Args:
        decoder: Decoder of the model's rows.
        names: Names of the fields in the order of the cells.
    """

    def __init__(self, decoder: CsvDecoder, names: Record) -> None:
        self._decoder = decoder
        self._names = names

    def decode_valid(self, lines: Sequence[bytes]) -> RequestRows:
        """Decodes lines of which each is valid; raises msgspec.ValidationError when one is not."""
        records = []
        for record in map(csv_record, lines):
            if isinstance(record, MalformedRow):
                raise msgspec.ValidationError(record.rule)
            records.append(record)
        return self._decoder.decode_valid(records, self._names)

    def validate(self, lines: Sequence[bytes], *, skip: bool) -> RequestRows:
        """Decodes lines one by one; raises Problem 422 when one is invalid and not skipped."""
        return self._decoder.validate([*map(csv_record, lines)], self._names, skip=skip)


def record_lines(body: bytes) -> list[bytes]:
    """Splits a body into its lines; one line end at the end of the body ends the last line."""
    lines = body.removeprefix(UTF8_MARK).split(b"\n")
    return lines if lines[-1] else lines[:-1]


def csv_record(line: bytes) -> Record | MalformedRow:
    """Returns the cells of one line."""
    try:
        text = line.rstrip(b"\r").decode()
        if '"' not in text and "\r" not in text and "\0" not in text:
            return text.split(",") if text else []
        (record,) = csv.reader([text], strict=True)
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        return MalformedRow(f"must be comma-separated values in UTF-8 ({error})")
    if "\0" in text:
        return MalformedRow("must be comma-separated values, without NUL characters")
    return record


def transform_header(line: bytes, header: bool | None, decoder: CsvDecoder) -> Record | None:
    """Returns the names of the first line of a request if it is a header; None if it is a row.

    SageMaker sends the header of a file with the first of its requests only, so the cells of every other
    request are read in the order of the fields.

    Args:
        line: The line.
        header: Whether the content type says that every request has a header; None when it says nothing.
        decoder: Decoder of the model's rows.

    Raises:
        Problem: 422 when names are wrong, or in another order than the fields.
    """
    record = csv_record(line)
    if isinstance(record, MalformedRow):
        return None
    names = decoder.header(record, header)
    if names is None or header or names == decoder.names[: len(names)]:
        return names
    raise Problem(
        422,
        "The header of the CSV is wrong: a batch transform job sends it with the first rows of a file only, "
        f"so its names must be {', '.join(decoder.names)}, in this order. For another order, send JSON "
        "Lines, or whole files (SplitType None) with the content type text/csv; header=present.",
    )


def decode_lines(decoder: LineDecoder[_Record], lines: Sequence[_Record]) -> RequestRows:
    """Decodes lines; an invalid one does not make the others slower, except those near it."""
    try:
        return decoder.decode_valid(lines)
    except msgspec.ValidationError:
        if len(lines) <= _SMALLEST_PART:
            return decoder.validate(lines, skip=True)
    half = len(lines) // 2
    first, second = (decode_lines(decoder, part) for part in (lines[:half], lines[half:]))
    invalid = {**first.invalid, **{half + position: row for position, row in second.invalid.items()}}
    rows = join([first, second])
    return RequestRows(rows.columns, rows.size, invalid)
