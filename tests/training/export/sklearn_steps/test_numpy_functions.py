"""Functions of NumPy as steps of pipelines."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from bundle import Columns, Field
from training.errors import TrainingError
from training.export.onnx_export import export

ROWS = np.column_stack([np.linspace(0.5, 3, 40), np.arange(40) % 3]).astype(np.float32)
COLUMNS = Columns(tuple(Field(name=name, type="number", example=1) for name in "ab"))


def fitted(function: Any) -> Pipeline:
    target = 2 + ROWS @ [3.0, 1.0]
    return make_pipeline(FunctionTransformer(function), LinearRegression()).fit(ROWS, target)


@pytest.mark.parametrize("function", [np.log1p, np.sqrt, np.square, np.abs, None])
def test_a_function_of_numpy_is_a_step(function: Any) -> None:
    pipeline = fitted(function)

    session = onnxruntime.InferenceSession(export(pipeline, COLUMNS))

    [values] = session.run(None, {"numbers": ROWS})
    np.testing.assert_allclose(values.ravel(), pipeline.predict(ROWS), rtol=1e-5)


def test_another_function_is_refused_with_the_way_out() -> None:
    with pytest.raises(TrainingError, match=r"take a function of NumPy such as numpy\.log1p"):
        export(fitted(np.cbrt), COLUMNS)
