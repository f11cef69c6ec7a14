"""Boosters as people keep them: in a pickle, with the line ends of Windows, of several values."""

import pickle
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pytest
import xgboost

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.importing.imports import MODELS, VISITS, sample_table


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
