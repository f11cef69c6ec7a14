"""Ways out that follow from what a file holds."""

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMRanker
from onnx import numpy_helper
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.svm import LinearSVC
from xgboost import XGBRanker, XGBRegressor

from tests.training.importing.foreign import network, saved
from training.errors import TrainingError
from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.readers.mlflow_folder import mlflow_folder
from training.importing.readers.onnx_reader import read_onnx
from training.importing.readers.sklearn_reader import read_pickle
from training.importing.sample import read_sample

ROWS = pd.DataFrame({"age": np.arange(30.0)})


def test_a_graph_of_float16_is_to_be_exported_in_float32(tmp_path: Path) -> None:
    half = numpy_helper.from_array(np.zeros(3, dtype=np.float16), "half")

    assert "float16" not in read_onnx(saved(tmp_path, network())).cure
    assert "export it in float32" in read_onnx(saved(tmp_path, network(constants=[half]))).cure


@pytest.mark.parametrize(("loss", "is_named"), [("poisson", True), ("squared_error", False)])
def test_a_loss_that_the_converter_leaves_out_is_named(loss: str, is_named: bool) -> None:
    boosting = HistGradientBoostingRegressor(loss=loss, max_iter=2)
    fitted = VotingRegressor([("one", boosting)]).fit(ROWS, ROWS["age"] + 1)

    cure = sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle").cure

    assert ("the exponential of this loss" in cure) == is_named


def test_neighbours_weighed_by_distance_are_to_be_uniform() -> None:
    fitted = make_pipeline(StandardScaler(), KNeighborsRegressor(2, weights="distance")).fit(
        ROWS, ROWS["age"]
    )

    cure = sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle").cure

    assert "fit it with weights='uniform'" in cure


@pytest.mark.parametrize("step", [StandardScaler(), SimpleImputer()], ids=["type", "imputer"])
def test_words_that_no_encoder_takes_are_named(step: Any) -> None:
    fitted = make_pipeline(step, Ridge()).fit(ROWS, ROWS["age"])
    rows = pd.DataFrame({"age": ["7", "1,234 years"]})

    with pytest.raises(TrainingError, match="The column 'age' of the rows has words, such as '1,234 years'"):
        sklearn_model(fitted, read_sample(rows, ""), origin="pickle")


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (IsolationForest(n_estimators=2), r"\['X'\], \['scores'\]"),
        (make_pipeline(StandardScaler(), KMeans(2)), "fit a classifier on the same columns and its labels_"),
    ],
)
def test_scores_of_anomalies_and_clusters_have_a_way_out(model: Any, sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        sklearn_model(model.fit(ROWS), read_sample(ROWS, ""), origin="pickle")


def test_a_class_is_no_model() -> None:
    with pytest.raises(TrainingError, match="holds the class Ridge and no fitted model"):
        sklearn_model(Ridge, read_sample(ROWS, ""), origin="pickle")


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (LinearRegression(), "The LinearRegression predicts 2 targets, and an answer has one"),
        (RandomForestRegressor(2), "The RandomForestRegressor predicts 2 targets"),
        (MultiOutputClassifier(LogisticRegression()), "The MultiOutputClassifier predicts 2 targets"),
    ],
)
def test_a_model_of_several_targets_is_to_be_one_for_each(model: Any, sentence: str) -> None:
    fitted = model.fit(ROWS, np.column_stack([ROWS["age"] > 9, ROWS["age"] > 20]).astype(int))

    with pytest.raises(TrainingError, match=f"{sentence}.*fit one model for each"):
        sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle")


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2, refit=False), "fit it with refit=True"),
        (VotingClassifier([("a", LogisticRegression())]), "fit it with voting='soft'"),
        (make_pipeline(KNNImputer(add_indicator=True), Ridge()), "fit it with add_indicator=False"),
        (
            make_pipeline(SplineTransformer(extrapolation="error"), Ridge()),
            "fit it with extrapolation='constant'",
        ),
        (make_pipeline(StandardScaler(), LinearSVC()), "put its last step into CalibratedClassifierCV"),
        (LinearSVC(), "put it into CalibratedClassifierCV, and fit it again"),
        (
            CalibratedClassifierCV(QuadraticDiscriminantAnalysis(), cv=2),
            "The QuadraticDiscriminantAnalysis in a CalibratedClassifierCV is calibrated by its scores",
        ),
        (XGBRegressor(n_estimators=1, booster="gblinear"), "has no trees: train it with gbtree"),
        (make_pipeline(StandardScaler(), GaussianProcessClassifier()), "probability=True"),
        (DummyClassifier(), "predicts the same for every row"),
    ],
)
def test_a_model_that_has_no_graph_is_refused_with_its_own_way_out(model: Any, sentence: str) -> None:
    fitted = model.fit(ROWS, (ROWS["age"] > 9).astype(int))

    with pytest.raises(TrainingError, match=sentence):
        sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle")


def test_a_classifier_of_one_label_is_refused() -> None:
    fitted = RandomForestClassifier(2).fit(ROWS, ["only"] * len(ROWS))

    with pytest.raises(TrainingError, match=r"knows one label alone \(only\)"):
        sklearn_model(fitted, read_sample(ROWS, ""), origin="pickle")


def test_a_model_among_other_things_is_to_be_saved_alone() -> None:
    fitted = Ridge().fit(ROWS, ROWS["age"])

    for found, name in (({"version": 1, "model": fitted}, "'model'"), ((None, fitted), "1")):
        with pytest.raises(TrainingError, match=f"save the Ridge under {name} alone"):
            sklearn_model(found, read_sample(ROWS, ""), origin="pickle")


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        ("statsmodels.regression.linear_model", "fit the same columns in scikit-learn"),
        ("imblearn.pipeline", "save a pipeline without the steps that draw rows"),
        ("category_encoders.target_encoder", "fit it with the encoders of scikit-learn"),
        ("flaml.automl", "save the fitted estimator in it"),
        ("pycaret.internal", "save its last step alone"),
        ("autogluon.tabular", "rows as it gets them (predictor.transform_features(rows)"),
        ("tpot.builtin_modules", "save the last step of its fitted_pipeline_ alone"),
        ("ngboost.ngboost", "train LightGBM, XGBoost or a pipeline of scikit-learn"),
        ("catboost.core", "save_model('model.onnx', format='onnx')"),
        ("somebodys_code", "skl2onnx.to_onnx"),
    ],
)
def test_a_pickle_of_another_library_has_the_way_out_of_that_library(
    tmp_path: Path, module: str, sentence: str
) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x02c" + module.encode() + b"\nModel\n.")

    with pytest.raises(TrainingError, match=re.escape(sentence)):
        read_pickle(path, read_sample(ROWS, ""), trust=True)


@pytest.mark.parametrize("kind", [LGBMRanker, XGBRanker])
def test_the_score_of_a_ranker_is_a_value(tmp_path: Path, kind: Any) -> None:
    fitted = kind(n_estimators=2).fit(ROWS, ROWS["age"] // 10, group=[30])
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(fitted))

    found = read_pickle(path, read_sample(ROWS, ""), trust=True)

    assert found.original is not None
    np.testing.assert_allclose(found.original(ROWS)[:, 0], fitted.predict(ROWS), rtol=1e-6)


def test_a_predictor_of_autogluon_is_recognized(tmp_path: Path) -> None:
    (tmp_path / "predictor.pkl").write_bytes(b"")

    with pytest.raises(TrainingError, match="is a predictor of AutoGluon"):
        mlflow_folder(tmp_path)


def test_a_saved_model_of_tensorflow_is_to_be_exported(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")

    with pytest.raises(TrainingError, match=r"tf2onnx\.convert --saved-model"):
        mlflow_folder(tmp_path)
