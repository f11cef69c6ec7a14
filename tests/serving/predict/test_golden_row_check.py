"""Check of the golden rows: which predictions of a loaded model pass."""

from pathlib import Path
from typing import Any

import pytest

from bundle import Golden
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.onnx_model import ModelError
from serving.predict.predictor import Predictor
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle


def test_the_golden_rows_of_a_valid_bundle_pass(
    binary: Predictor, multiclass: Predictor, regression: Predictor
) -> None:
    for predictor in (binary, multiclass, regression):
        check_golden_rows(predictor)


@pytest.mark.parametrize(
    "prediction",
    [
        {"label": "yes", "probability": 0.5002},
        {"label": "no", "probability": 0.5},
        {"label": "yes"},
        {"value": 0.5},
        {"label": "yes", "probability": "0.5"},
    ],
    ids=["number", "label", "nothing", "another task", "type"],
)
def test_a_wrong_golden_prediction_is_a_model_error(tmp_path: Path, prediction: dict[str, Any]) -> None:
    golden = (
        Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.5}),
        Golden(instance=EXAMPLE, prediction=prediction),
    )
    predictor = Predictor(write_tiny_bundle(tmp_path / "model.tar.gz", golden=golden))

    with pytest.raises(ModelError, match="golden row"):
        check_golden_rows(predictor)


def test_a_golden_number_has_a_tolerance(tmp_path: Path) -> None:
    golden = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.50009}),)

    check_golden_rows(Predictor(write_tiny_bundle(tmp_path / "model.tar.gz", golden=golden)))
