"""Conventional function: a handler with scikit-learn, pandas and a pickled pipeline.

The pickle is a local file, as in an image, and is not downloaded.
"""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_FOLDER = Path(os.environ["CLASSIC_FOLDER"])
_ABOUT = json.loads((_FOLDER / "about.json").read_text())
# The types of the fit, because a difference in the last bit can change the branch of a tree.
_COLUMNS = dict.fromkeys(_ABOUT["numbers"], np.float32) | dict.fromkeys(_ABOUT["strings"], object)
_PIPELINE = pickle.loads((_FOLDER / "pipeline.pkl").read_bytes())  # noqa: S301  # conventional functions use pickle


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  # Lambda passes two
    """Responds to one request of API Gateway's proxy integration."""
    row = json.loads(event["body"])
    table = pd.DataFrame({name: np.array([row[name]], dtype=kind) for name, kind in _COLUMNS.items()})
    prediction: dict[str, Any]
    if labels := _ABOUT["labels"]:
        [probabilities] = _PIPELINE.predict_proba(table).tolist()
        prediction = _prediction(probabilities, labels, _ABOUT["threshold"])
    else:
        prediction = {"value": float(_PIPELINE.predict(table)[0])}
    return {"statusCode": 200, "body": json.dumps({"predictions": [prediction]})}


def _prediction(probabilities: list[float], labels: list[str], threshold: float | None) -> dict[str, Any]:
    if threshold is not None:
        return {"label": labels[probabilities[1] >= threshold], "probability": probabilities[1]}
    best = max(probabilities)
    return {"label": labels[probabilities.index(best)], "probability": best}
