"""Outputs of the graph of a scikit-learn model, beside those of the model."""

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.sample import read_sample


def graph_output(model: Any, rows: pd.DataFrame) -> NDArray[Any]:
    """Returns the last output of a model's graph for rows of numbers, words and absent values."""
    graph = sklearn_model(model, read_sample(rows.copy(), ""), origin="pickle").model
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    feeds = {one.name: _feed(one, rows) for one in session.get_inputs()}
    return np.asarray(session.run(None, feeds)[-1]).reshape(len(rows), -1)


def largest_difference(model: Any, rows: pd.DataFrame) -> float:
    """Returns the largest difference between a model and its graph."""
    predict = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    return float(np.abs(graph_output(model, rows) - predict(rows).reshape(len(rows), -1)).max())


def _feed(one: Any, rows: pd.DataFrame) -> Any:
    found = rows[[one.name]] if one.name in rows else rows
    if one.type == "tensor(string)":
        return found.astype(object).where(found.notna(), "").to_numpy(dtype=object)
    return found.to_numpy(dtype=np.float64 if one.type == "tensor(double)" else np.float32)
