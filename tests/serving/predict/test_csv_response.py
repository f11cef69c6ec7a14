"""CSV response bodies."""

import csv
import io
from typing import Any

import pytest

from bundle import Manifest
from serving.predict.csv_response import CsvWriter, Outcome
from serving.predict.media_type import CSV_TYPE, BodyFormat
from serving.predict.options import Options
from serving.predict.prediction import ClassPrediction, LabelPrediction, ValuePrediction
from serving.predict.request import RequestParameters
from serving.rows.request_rows import FieldError, InvalidRow
from tests.tiny_bundle import tiny_manifest

YES = LabelPrediction("yes", 0.5)
INVALID = InvalidRow(
    [FieldError("size", "must be a number"), FieldError(rule="has 6 cells: 5 are the most")], 3
)
REGRESSION: dict[str, Any] = {"task": "regression", "labels": (), "positive_label": None, "threshold": None}


def table(*outcomes: Outcome, manifest: Manifest | None = None, header: bool = True, **options: Any) -> str:
    parameters = RequestParameters(accept=BodyFormat(CSV_TYPE, header=header), options=Options(**options))
    return CsvWriter(manifest or tiny_manifest()).write(outcomes, parameters).decode()


def test_a_header_line_is_written_unless_declined() -> None:
    assert table(YES, YES) == "label,probability\r\nyes,0.5\r\nyes,0.5\r\n"
    assert table(YES, header=False) == "yes,0.5\r\n"


def test_a_regression_has_the_column_value() -> None:
    found = table(ValuePrediction(1.21), ValuePrediction(1e30), manifest=tiny_manifest(**REGRESSION))

    assert found == "value\r\n1.21\r\n1e+30\r\n"


def test_requested_probabilities_have_a_column_per_label() -> None:
    every = ClassPrediction("yes", 0.75, {"no": 0.25, "yes": 0.75})

    assert table(every, probabilities=True) == (
        "label,probability,probability_no,probability_yes\r\nyes,0.75,0.25,0.75\r\n"
    )


def test_skipped_rows_have_their_errors_in_the_last_column() -> None:
    error = "size must be a number; has 6 cells: 5 are the most; and 3 more"

    assert table(YES, INVALID, skip=True) == f"label,probability,error\r\nyes,0.5,\r\n,,{error}\r\n"
    assert table(INVALID, skip=True, probabilities=True, header=False) == f",,,,{error}\r\n"


@pytest.mark.parametrize("label", ['a "quoted" label', "a,b", "a\r\nb", "häufig"])
def test_every_label_can_be_read_back(label: str) -> None:
    text = table(LabelPrediction(label, 0.5))

    assert [*csv.reader(io.StringIO(text, newline=""))][1] == [label, "0.5"]
