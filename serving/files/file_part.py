"""One part of a file: its rows with their answers, and the list of its refused rows."""

import csv
import io
import logging
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from serving.predict.csv_response import Outcome
from serving.predict.onnx_model import ModelError
from serving.predict.options import NO_OPTIONS
from serving.predict.predictor import Predictor, outcomes_of
from serving.rows.request_rows import FieldError, InvalidRow, RequestRows
from serving.rows.transform_record_lines import LineDecoder, decode_lines

# Rows that are decoded and predicted at once.
_BATCH = 4_096
_LONGEST_VALUE = 100
REFUSED_COLUMNS = ("file", "row", "field", "value", "rule")
_FAILED = InvalidRow([FieldError(rule="makes the model fail; the function's log says why")])

logger = logging.getLogger("serving")

_Record = TypeVar("_Record")


class FileRows(LineDecoder[_Record], Protocol[_Record]):
    """Rows of a file in one format."""

    def begin(self) -> bytes:
        """Returns the beginning of a result."""

    def records(self, content: bytes, /) -> Sequence[_Record]:
        """Reads the records of a range."""

    def write(self, records: Sequence[_Record], outcomes: Sequence[Outcome], /) -> bytes:
        """Returns the lines of a result."""

    def value(self, record: _Record, field: str, /) -> str:
        """Returns the value of a field as text, empty when there is none."""


class PartResult(NamedTuple):
    """Result of one part.

    Attributes:
        body: Every row with its own columns and its answer.
        errors: CSV of the errors of refused rows; empty when there are none.
        rows: Number of rows.
        refused: Number of those without an answer.
    """

    body: bytes
    errors: bytes
    rows: int
    refused: int


def score_part(
    predictor: Predictor, rows: FileRows[_Record], content: bytes, *, file: str, first: int
) -> PartResult:
    """Predicts every row of a part.

    Args:
        predictor: The model.
        rows: Format of the file.
        content: Bytes of the part.
        file: Name of the file in the list of errors.
        first: Number of rows of the file before the part.
    """
    records = rows.records(content)
    bodies, refused = [rows.begin()], 0
    text = io.StringIO()
    errors = csv.writer(text, lineterminator="\n")
    for start in range(0, len(records), _BATCH):
        batch = records[start : start + _BATCH]
        decoded = decode_lines(rows, batch)
        outcomes = outcomes_of(_predict(predictor, decoded), decoded, NO_OPTIONS)
        bodies.append(rows.write(batch, outcomes))
        for place, outcome in enumerate(outcomes):
            if isinstance(outcome, InvalidRow):
                refused += 1
                for error in outcome.errors:
                    value = rows.value(batch[place], error.field)[:_LONGEST_VALUE] if error.field else ""
                    errors.writerow([file, first + start + place + 1, error.field, value, error.rule])
    head = ",".join(REFUSED_COLUMNS) + "\n" if refused else ""
    return PartResult(b"".join(bodies), (head + text.getvalue()).encode(), len(records), refused)


def _predict(predictor: Predictor, rows: RequestRows) -> Sequence[Outcome]:
    """Predicts rows; when the model fails on one of them, only that one has no prediction."""
    try:
        return predictor.predict_plain(rows)
    except ModelError as error:
        if rows.size == 1:
            logger.warning("A row of a file failed: %s", error)
            return [_FAILED]
    half = rows.size // 2
    parts = (slice(None, half), slice(half, None))
    return [
        outcome
        for part, size in zip(parts, (half, rows.size - half), strict=True)
        for outcome in _predict(
            predictor, RequestRows({name: values[part] for name, values in rows.columns.items()}, size)
        )
    ]
