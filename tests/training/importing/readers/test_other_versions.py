"""Pickles of other versions and modules: each refusal says where to export the model."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from tests.training.conftest import Command
from tests.training.importing.foreign import rows_file, saved
from training.errors import TrainingError
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
