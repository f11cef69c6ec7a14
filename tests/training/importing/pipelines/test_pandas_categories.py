"""Categories of pandas that a pipeline or an ensemble passes on to a booster, which splits them."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from tests.training.importing.readers.category_models import (
    SMALL,
    as_categories,
    imported,
    predicted,
    table,
    target,
    unseen_rows,
)
from training.errors import TrainingError
from training.importing.pipelines.pandas_categories import passed_categories

HIST: dict[str, Any] = {"max_iter": 4, "min_samples_leaf": 5, "categorical_features": "from_dtype"}
WORDS = ["carrier's código", "size"]


def passing(step: Any) -> ColumnTransformer:
    """A step for the number x, which leaves the other columns categories."""
    return ColumnTransformer([("x", step, ["x"])], remainder="passthrough").set_output(transform="pandas")


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(**HIST),
        make_pipeline(passing(SimpleImputer()), HistGradientBoostingClassifier(**HIST)),
        Pipeline([("model", lightgbm.LGBMClassifier(n_estimators=4, **SMALL))]),
        make_pipeline(passing(StandardScaler()), lightgbm.LGBMClassifier(n_estimators=4, **SMALL)),
        VotingClassifier(
            [
                ("trees", lightgbm.LGBMClassifier(n_estimators=3, **SMALL)),
                ("hist", HistGradientBoostingClassifier(**HIST)),
            ],
            voting="soft",
        ),
        CalibratedClassifierCV(lightgbm.LGBMClassifier(n_estimators=3, **SMALL), cv=2),
    ],
    ids=["hist", "imputer, hist", "LightGBM", "scaler, LightGBM", "both", "calibrated LightGBM"],
)
def test_unseen_and_absent_categories_are_predicted_as_by_the_estimator(model: Any, tmp_path: Path) -> None:
    rows = table()
    rows["x"] = rows["x"].astype(np.float32).astype(float)
    model.fit(as_categories(rows), target(rows))

    found = imported(model, rows, tmp_path)

    unseen = unseen_rows()
    wanted = model.predict_proba(as_categories(unseen))
    np.testing.assert_allclose(predicted(found, unseen), wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        (HistGradientBoostingRegressor(max_iter=4, loss="poisson", categorical_features=[0, 1]), {}),
        (lightgbm.LGBMRegressor(n_estimators=4, **SMALL), {"categorical_feature": [0, 1]}),
        (xgboost.XGBRegressor(n_estimators=4, enable_categorical=True, feature_types=["c", "c", "q"]), {}),
    ],
    ids=["hist", "LightGBM", "XGBoost"],
)
def test_codes_of_an_encoder_before_it_are_split_as_categories(
    model: Any, parameters: dict[str, Any], tmp_path: Path
) -> None:
    rows = table()[[*WORDS, "x"]].fillna({"x": 0.0})
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    pipeline = make_pipeline(ColumnTransformer([("codes", encoder, WORDS)], remainder="passthrough"), model)
    named = {f"{pipeline.steps[-1][0]}__{name}": value for name, value in parameters.items()}
    pipeline.fit(rows, target(table()) + 1.0, **named)

    found = imported(pipeline, rows, tmp_path)

    unseen = unseen_rows()[[*WORDS, "x"]]
    np.testing.assert_allclose(predicted(found, unseen)[:, 0], pipeline.predict(unseen), rtol=1e-5)


def test_a_category_that_a_step_makes_is_refused() -> None:
    rows = table()
    model = lightgbm.LGBMClassifier(n_estimators=1, **SMALL).fit(as_categories(rows), target(rows))

    with pytest.raises(TrainingError, match="splits the categories of 'gate', which a step before it makes"):
        passed_categories(model, [name for name in rows if name != "gate"], {})


def test_categories_that_are_dates_are_refused_because_each_string_would_be_unknown(tmp_path: Path) -> None:
    days = pd.DataFrame({"day": pd.Categorical(pd.to_datetime(["2020-01-01", "2020-01-02"] * 20))})
    model = HistGradientBoostingClassifier(**HIST).fit(days, [0, 1] * 20)

    with pytest.raises(TrainingError, match="and a row has numbers and strings"):
        imported(model, days, tmp_path)
