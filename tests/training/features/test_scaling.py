"""Scaling before trees: graph and pipeline must agree to the last bit, or rows take other branches."""

from typing import Any

import numpy as np
import onnxruntime
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bundle import Columns, Field
from training.export.onnx_export import export
from training.features.scaling import TreeScaler
from training.fitting.xgboost_classifier import boosted_trees

WIDTH = 6
RANDOM = np.random.default_rng(0)
# One decimal, so that rows contain the exact values at which the trees split.
ROWS = RANDOM.normal(180, 54, (2_000, WIDTH)).round(1).astype(np.float32)
TARGET = (ROWS[:, 0] + ROWS[:, 1] + RANDOM.normal(0, 40, len(ROWS)) > 380).astype(int)
COLUMNS = Columns([Field(name=f"x{number}", type="number", example=1) for number in range(WIDTH)])


def trees_after(scaler: Any) -> Pipeline:
    pipeline = Pipeline([("scale", scaler), ("trees", boosted_trees(0, n_estimators=60, max_depth=4))])
    return pipeline.fit(ROWS, TARGET)


def difference(graph: bytes, pipeline: Pipeline) -> float:
    output = onnxruntime.InferenceSession(graph).run(None, {"numbers": ROWS})[-1]
    return float(np.abs(output - pipeline.predict_proba(ROWS)).max())


def test_every_row_takes_the_same_branches_in_graph_and_pipeline() -> None:
    pipeline = trees_after(TreeScaler())

    assert difference(export(pipeline, COLUMNS), pipeline) < 1e-6


def test_the_export_of_scikit_learns_own_scaler_still_changes_branches() -> None:
    pipeline = trees_after(StandardScaler())

    model = convert_sklearn(
        pipeline,
        initial_types=[("numbers", FloatTensorType([None, WIDTH]))],
        target_opset={"": 20, "ai.onnx.ml": 3},
        options={"zipmap": False},
    )

    assert difference(model.SerializeToString(), pipeline) > 0.01


def test_a_constant_column_gives_finite_values() -> None:
    rows = ROWS.copy()
    rows[:, 2] = 3
    pipeline = Pipeline([("scale", TreeScaler()), ("trees", boosted_trees(0, n_estimators=2))])
    pipeline.fit(rows, TARGET)

    (output,) = onnxruntime.InferenceSession(export(pipeline, COLUMNS)).run(None, {"numbers": rows})

    np.testing.assert_allclose(output, pipeline.predict_proba(rows), atol=1e-6)
