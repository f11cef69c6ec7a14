"""Boosters as people keep them: in a pickle, with the line ends of Windows, of several values."""

import pickle
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import onnxruntime
import pytest
import xgboost

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.importing.imports import MODELS, VISITS, sample_table
from training.errors import TrainingError
from training.importing.readers.sklearn_reader import read_pickle
from training.importing.sample import read_sample


def numbers() -> tuple[Any, Any]:
    table = sample_table(["age"])
    return table[["age"]].astype(float), table["flag"].to_numpy()


def trained_lightgbm() -> Any:
    rows, target = numbers()
    return lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(rows, target), 3)


def trained_xgboost() -> Any:
    rows, target = numbers()
    return xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(rows, target), 3)


def write_rows(folder: Path, columns: Any = ("age",)) -> str:
    path = folder / "rows.csv"
    sample_table(columns)[[*columns]].to_csv(path, index=False)
    return str(path)


@pytest.mark.parametrize("train", [trained_lightgbm, trained_xgboost], ids=["LightGBM", "XGBoost"])
@pytest.mark.parametrize(
    ("name", "dump"),
    [
        ("model.pkl", lambda model, path: path.write_bytes(pickle.dumps(model))),
        ("model", lambda model, path: joblib.dump(model, path, compress=("bz2", 3))),
    ],
    ids=["pickle", "bzip2"],
)
def test_a_pickled_booster_is_read_as_its_own_file(
    train: Any, name: str, dump: Any, tmp_path: Path, command: Command
) -> None:
    dump(train(), tmp_path / name)

    result = command(
        "import", str(tmp_path / name), "--rows", write_rows(tmp_path), "--out", str(tmp_path), "--trust"
    )

    assert result.returncode == 0, result.stderr
    assert [field.name for field in read_archive(tmp_path / "model.tar.gz").manifest.fields] == ["age"]


def test_a_lightgbm_file_with_line_ends_of_windows_is_read(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "model.txt"
    content = (MODELS / "lightgbm-3.3-binary.txt").read_bytes()
    path.write_bytes(content.replace(b"\n", b"\r\n"))

    result = command("import", str(path), "--rows", write_rows(tmp_path, VISITS[1:]), "--out", str(tmp_path))

    assert result.returncode == 0, result.stderr


def test_an_xgboost_model_of_several_values_a_row_is_refused(tmp_path: Path, command: Command) -> None:
    rows, target = numbers()
    model = xgboost.XGBRegressor(n_estimators=2).fit(rows, np.stack([target, target + 1], axis=1))
    model.save_model(tmp_path / "model.json")

    result = command("import", str(tmp_path / "model.json"), "--rows", write_rows(tmp_path))

    assert result.returncode == 1
    assert "predicts 2 values a row, and an answer has one" in result.stderr
    assert "Traceback" not in result.stderr


def pickled(model: Any, folder: Path) -> Path:
    path = folder / "model.pkl"
    path.write_bytes(pickle.dumps(model))
    return path


@pytest.mark.parametrize(
    "model",
    [
        lightgbm.LGBMRegressor(
            n_estimators=3, boosting_type="rf", bagging_freq=1, bagging_fraction=0.6, verbose=-1
        ),
        lightgbm.LGBMRegressor(n_estimators=3, reg_sqrt=True, verbose=-1),
        lightgbm.LGBMClassifier(n_estimators=3, verbose=-1),
        xgboost.XGBRFClassifier(n_estimators=3, max_depth=2),
        xgboost.XGBClassifier(n_estimators=3, booster="dart", rate_drop=0.5),
    ],
    ids=["random forest", "square root", "classifier", "forest of XGBoost", "dart"],
)
def test_an_estimator_of_a_booster_is_converted_as_its_booster(model: Any, tmp_path: Path) -> None:
    rows, target = numbers()
    model.fit(rows, target)

    found = read_pickle(pickled(model, tmp_path), read_sample(rows.copy(), ""), trust=True)

    session = onnxruntime.InferenceSession(found.model.SerializeToString())
    output = session.run(None, {"features": rows.to_numpy(np.float32)})[0][:, 0]
    wanted = model.predict_proba(rows)[:, 1] if hasattr(model, "classes_") else model.predict(rows)
    np.testing.assert_allclose(output, wanted, atol=1e-6)
    assert found.labels == (("0", "1") if hasattr(model, "classes_") else ())


def test_another_absent_value_than_nan_is_refused(tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=1, missing=-1).fit(*numbers())

    with pytest.raises(TrainingError, match="was fitted with missing=-1"):
        read_pickle(pickled(model, tmp_path), read_sample(numbers()[0], ""), trust=True)
