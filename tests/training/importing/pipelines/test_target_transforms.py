"""Transformed targets of imported regressors."""

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from training.errors import TrainingError
from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.sample import read_sample

ROWS = pd.DataFrame(
    {"a": np.linspace(0.5, 3, 40, dtype=np.float32), "b": np.arange(40, dtype=np.float32) % 3}
)
TARGET = 2 + ROWS["a"] * 3 + ROWS["b"]


def graph_output(model: Any) -> Any:
    found = sklearn_model(model, read_sample(ROWS, ""), origin="pickle").model
    session = onnxruntime.InferenceSession(found.SerializeToString())
    return session.run(None, {"columns": ROWS.to_numpy()})[-1].ravel()


@pytest.mark.parametrize(
    "options",
    [
        {"func": np.log1p, "inverse_func": np.expm1},
        {"func": np.log, "inverse_func": np.exp},
        {"func": np.sqrt, "inverse_func": np.square},
        {"func": np.reciprocal, "inverse_func": np.reciprocal},
        {"transformer": StandardScaler()},
        {"transformer": StandardScaler(with_mean=False)},
        {"transformer": MinMaxScaler()},
        {"transformer": RobustScaler()},
        {"transformer": MaxAbsScaler()},
        {},
    ],
)
@pytest.mark.parametrize("in_pipeline", [True, False])
def test_the_transformation_of_a_target_is_undone(options: dict[str, Any], in_pipeline: bool) -> None:
    model = TransformedTargetRegressor(LinearRegression(), check_inverse=False, **options)
    fitted = (make_pipeline(StandardScaler(), model) if in_pipeline else model).fit(ROWS, TARGET)

    np.testing.assert_allclose(graph_output(fitted), fitted.predict(ROWS), rtol=1e-5)


@pytest.mark.parametrize(
    "options", [{"transformer": PowerTransformer()}, {"func": np.cbrt, "inverse_func": abs}]
)
def test_a_transformation_of_a_target_without_operators_is_refused(options: dict[str, Any]) -> None:
    fitted = TransformedTargetRegressor(LinearRegression(), check_inverse=False, **options).fit(ROWS, TARGET)

    with pytest.raises(TrainingError, match=r"transform the target by numpy\.log1p with numpy\.expm1"):
        sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle")
