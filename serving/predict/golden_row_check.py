"""Check of the golden rows: a loaded model predicts them as its training did, or it serves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from serving.predict.onnx_model import ModelError

if TYPE_CHECKING:
    from serving.predict.predictor import Predictor


def check_golden_rows(predictor: Predictor) -> None:
    """Predicts every golden row of the loaded bundle through the path of a JSON request.

    Raises:
        ModelError: When a prediction differs from the golden one.
    """
    for golden in predictor.golden:
        answer = msgspec.json.decode(predictor.answer(msgspec.json.encode(golden.instance)))
        if not golden.matches(answer["predictions"][0]):
            raise ModelError(
                f"The model answers its golden row with {answer['predictions'][0]}, "
                f"but its bundle says {golden.prediction}."
            )
