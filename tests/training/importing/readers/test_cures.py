"""Ways out that follow from what a file holds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from onnx import numpy_helper
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer

from tests.training.importing.foreign import network, saved
from training.errors import TrainingError
from training.importing.readers.mlflow_folder import mlflow_folder
from training.importing.readers.onnx_reader import read_onnx
from training.importing.readers.sklearn_conversion import sklearn_model
from training.importing.sample import read_sample

ROWS = pd.DataFrame({"age": np.arange(30.0)})


def test_a_graph_of_float16_is_to_be_exported_in_float32(tmp_path: Path) -> None:
    half = numpy_helper.from_array(np.zeros(3, dtype=np.float16), "half")

    assert "float16" not in read_onnx(saved(tmp_path, network())).cure
    assert "export it in float32" in read_onnx(saved(tmp_path, network(constants=[half]))).cure


@pytest.mark.parametrize(("loss", "is_named"), [("poisson", True), ("squared_error", False)])
def test_a_loss_that_the_converter_leaves_out_is_named(loss: str, is_named: bool) -> None:
    fitted = HistGradientBoostingRegressor(loss=loss, max_iter=2).fit(ROWS, ROWS["age"] + 1)

    cure = sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle").cure

    assert ("the exponential of this loss" in cure) == is_named


def test_a_sparse_step_is_to_be_dense() -> None:
    fitted = make_pipeline(KBinsDiscretizer(2), LogisticRegression()).fit(ROWS, ROWS["age"] > 9)

    with pytest.raises(TrainingError, match='give it encode="onehot-dense"'):
        sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle")


def test_a_saved_model_of_tensorflow_is_to_be_exported(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")

    with pytest.raises(TrainingError, match=r"tf2onnx\.convert --saved-model"):
        mlflow_folder(tmp_path)
