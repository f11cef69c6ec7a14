"""Pickles of other versions and modules: each refusal says where to export the model."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from sklearn._loss import _loss
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LinearRegression, _sgd_fast
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.training.conftest import Command
from tests.training.importing.foreign import rows_file, saved
from training.errors import TrainingError
from training.importing.older_versions.missing_attributes import brought_up_to_date
from training.importing.older_versions.missing_names import older_names
from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.sample import read_sample


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("catboost", "(save_model('model.onnx', format='onnx'))"),
        ("no_such_module", "(skl2onnx.to_onnx)"),
    ],
)
def test_a_pickle_of_a_module_that_is_not_installed_says_how_it_is_exported(
    module: str, expected: str, tmp_path: Path, command: Command
) -> None:
    path = saved(tmp_path, f"c{module}\nModel\n.".encode(), "model.pkl")

    result = command("import", str(path), "--rows", str(rows_file(tmp_path)), "--trust")

    assert result.returncode == 1
    assert f"needs the module '{module}', which is not installed here" in result.stderr
    assert expected in result.stderr


def test_a_model_of_another_version_that_cannot_predict_is_exported_there() -> None:
    rows = pd.DataFrame({"age": [1.0, 2.0, 3.0]})
    model = sklearn_model(
        LinearRegression().fit(rows, [1, 2, 3]), read_sample(rows, ""), origin="pickle", made_with="1.7.2"
    )

    assert model.original is not None
    with pytest.raises(TrainingError, match=r"made with scikit-learn 1\.7\.2.*skl2onnx\.to_onnx") as found:
        model.original(pd.DataFrame({"other": [1.0]}))

    assert "cannot predict the sample rows" in str(found.value)
    assert "made with scikit-learn 1.7.2" in model.notes[0]


def test_the_names_of_earlier_versions_are_there_while_a_file_is_loaded_only() -> None:
    with older_names():
        assert sys.modules["_loss"] is _loss
        assert "Log" in vars(_sgd_fast)

    assert "_loss" not in sys.modules
    assert "Log" not in vars(_sgd_fast)
    assert "__pyx_unpickle_CyHalfBinomialLoss" not in vars(_loss)


def test_a_loss_of_an_earlier_version_has_its_parameters() -> None:
    with older_names():
        made_loss = vars(_loss)["__pyx_unpickle_CyPinballLoss"]

    loss = made_loss(_loss.CyPinballLoss, 0, (0.25,))

    assert loss.__reduce__()[1] == (0.25,)


def test_a_parameter_that_an_earlier_version_lacked_gets_its_default() -> None:
    scaler = StandardScaler()
    calibrated = CalibratedClassifierCV(make_pipeline(scaler, LinearRegression()))
    del scaler.with_std

    brought_up_to_date({"model": [calibrated]})

    assert scaler.with_std is True
