"""Response bodies."""

import csv
import io
import json
from typing import Any

import pytest

from bundle import Manifest
from serving.predict.call import Call
from serving.predict.media_type import CSV, Form
from serving.predict.options import Options
from serving.predict.predictions import ClassPrediction, LabelPrediction, ValuePrediction
from serving.predict.response_body import AnswerWriter, Outcome
from serving.rows.rows import Fault, WrongRow
from tests.tiny_bundle import tiny_manifest

YES = LabelPrediction("yes", 0.5)
WRONG = WrongRow([Fault("size", "must be a number"), Fault(rule="has 6 cells: 5 are the most")], 3)
REGRESSION: dict[str, Any] = {"task": "regression", "labels": (), "positive_label": None, "threshold": None}


def table(*outcomes: Outcome, manifest: Manifest | None = None, header: bool = True, **options: Any) -> str:
    call = Call(accept=Form(CSV, header=header), options=Options(**options))
    return AnswerWriter(manifest or tiny_manifest()).write(outcomes, call).decode()


def test_json_names_the_model_after_the_predictions() -> None:
    manifest = tiny_manifest().sealed(b"")

    document = json.loads(AnswerWriter(manifest).write([YES, WRONG], Call()))

    assert document == {
        "predictions": [
            {"label": "yes", "probability": 0.5},
            {
                "errors": [
                    {"field": "size", "rule": "must be a number"},
                    {"rule": "has 6 cells: 5 are the most"},
                ],
                "more": 3,
            },
        ],
        "model": {"name": "tiny", "version": manifest.version},
    }


def test_csv_has_a_header_line_unless_it_is_to_be_left_out() -> None:
    assert table(YES, YES) == "label,probability\r\nyes,0.5\r\nyes,0.5\r\n"
    assert table(YES, header=False) == "yes,0.5\r\n"


def test_csv_of_a_regression_has_its_value() -> None:
    found = table(ValuePrediction(1.21), ValuePrediction(1e30), manifest=tiny_manifest(**REGRESSION))

    assert found == "value\r\n1.21\r\n1e+30\r\n"


def test_csv_has_a_column_for_each_probability_asked_for() -> None:
    every = ClassPrediction("yes", 0.75, {"no": 0.25, "yes": 0.75})

    assert table(every, probabilities=True) == (
        "label,probability,probability_no,probability_yes\r\nyes,0.75,0.25,0.75\r\n"
    )


def test_csv_has_the_errors_of_skipped_rows_in_their_places() -> None:
    error = "size must be a number; has 6 cells: 5 are the most; and 3 more"

    assert table(YES, WRONG, skip=True) == f"label,probability,error\r\nyes,0.5,\r\n,,{error}\r\n"
    assert table(WRONG, skip=True, probabilities=True, header=False) == f",,,,{error}\r\n"


@pytest.mark.parametrize("label", ['a "quoted" label', "a,b", "a\r\nb", "häufig"])
def test_any_label_comes_back_from_csv(label: str) -> None:
    text = table(LabelPrediction(label, 0.5))

    assert [*csv.reader(io.StringIO(text, newline=""))][1] == [label, "0.5"]
