"""Estimators as their libraries have them: exported, or refused in one sentence that names the step."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer

from bundle import Columns, Field
from tests.training.toys import TOY, read_toy
from training.data.split import by_time
from training.errors import TrainingError
from training.export.onnx_export import export
from training.export.verified_bundle import write_bundle
from training.fit_plan import Plan
from training.fitting.fit import Fitted, training_frame

COLUMNS = Columns(tuple(Field(name=name, type="number", example=1) for name in "ab"))


def rows() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(300, 2)).astype(np.float32), columns=["a", "b"])
    return table, (table["a"] + random.normal(size=300) > 0).astype(int).to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=5),
        HistGradientBoostingRegressor(max_iter=5),
        xgboost.XGBClassifier(n_estimators=5),
        xgboost.XGBRegressor(n_estimators=5),
        lightgbm.LGBMClassifier(n_estimators=5, verbosity=-1),
        lightgbm.LGBMRegressor(n_estimators=5, verbosity=-1),
        VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(5))], voting="soft"),
        make_pipeline(SplineTransformer(extrapolation="linear"), LogisticRegression()),
        make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
def test_an_estimator_is_exported_as_it_is(estimator: Any) -> None:
    table, target = rows()
    pipeline = Pipeline([("model", estimator)]).fit(table, target)

    session = onnxruntime.InferenceSession(export(pipeline, COLUMNS))

    [output] = session.run(None, {"numbers": table.to_numpy()})
    predict = getattr(pipeline, "predict_proba", pipeline.predict)
    np.testing.assert_allclose(output, predict(table).reshape(len(table), -1), atol=1e-5)


def test_a_step_without_a_converter_is_refused_with_its_name_and_the_way_out() -> None:
    table, target = rows()
    steps = [("root", FunctionTransformer(np.cbrt)), ("model", LogisticRegression())]

    with pytest.raises(TrainingError) as refusal:
        export(Pipeline(steps).fit(table, target), COLUMNS)

    sentence = str(refusal.value)
    assert sentence.startswith(
        "The step 'root' (FunctionTransformer) cannot be exported to ONNX: compute its"
    )
    assert "\n" not in sentence
    assert len(sentence) < 700


def test_a_graph_that_cannot_be_loaded_is_refused_with_the_step(tmp_path: Path) -> None:
    # Given a step whose converter writes a graph that ONNX Runtime refuses
    data = read_toy()
    split = by_time(data, 0)
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    features = ColumnTransformer([("kind", encoder, [2]), ("size", KNNImputer(), [0, 1])])
    pipeline = Pipeline([("features", features), ("model", LogisticRegression())])
    fitted = Fitted(model=TOY, pipeline=pipeline)
    pipeline.fit(training_frame(TOY, split.train, Plan()), split.train.target)

    with pytest.raises(TrainingError, match=r"The step 'features__size' \(KNNImputer\) .* use SimpleImputer"):
        write_bundle(tmp_path / "model.tar.gz", name="toy", data=data, split=split, fitted=fitted)
