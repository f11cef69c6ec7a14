"""Steps of scikit-learn that skl2onnx does not convert: the same numbers as the original."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, SplineTransformer, StandardScaler
from xgboost import XGBRegressor

from tests.training.export.graph_outputs import graph_output, largest_difference

_random = np.random.default_rng(5)
ROWS = pd.DataFrame(_random.normal(size=(200, 3)).astype(np.float32).astype(float), columns=["a", "b", "c"])
GAPS = ROWS.mask(_random.random(ROWS.shape) < 0.2).assign(c=ROWS["c"])
TARGET = np.sin(2 * ROWS["a"]) + ROWS["b"] ** 2


@pytest.mark.parametrize(
    "options",
    [
        *({"extrapolation": name} for name in ("constant", "linear", "continue", "periodic")),
        {"extrapolation": "linear", "include_bias": False, "knots": "quantile", "n_knots": 7},
        {"degree": 1, "n_knots": 2},
    ],
)
def test_splines_are_those_of_the_original_also_outside_of_the_training(options: dict[str, Any]) -> None:
    seen = ROWS.clip(-1.5, 1.5)
    model = make_pipeline(SplineTransformer(**options), Ridge(0.1)).fit(seen, TARGET)

    assert largest_difference(model, ROWS) < 1e-4


def test_splines_of_absent_values_are_zeros_where_the_transformer_says_so() -> None:
    model = make_pipeline(SplineTransformer(handle_missing="zeros"), Ridge(0.1)).fit(GAPS, TARGET)

    assert largest_difference(model, GAPS) < 1e-5


@pytest.mark.parametrize("strategy", ["mean", "most_frequent"])
def test_an_imputer_marks_the_values_that_were_absent(strategy: str) -> None:
    imputer = SimpleImputer(strategy=strategy, add_indicator=True)
    model = make_pipeline(imputer, LogisticRegression()).fit(GAPS, TARGET > 1)

    assert largest_difference(model, GAPS) < 1e-6


def test_marks_of_absent_values_are_columns() -> None:
    union = FeatureUnion([("values", SimpleImputer()), ("marks", MissingIndicator())])

    assert largest_difference(make_pipeline(union, Ridge()).fit(GAPS, TARGET), GAPS) < 1e-5


@pytest.mark.parametrize("add_indicator", [False, True])
def test_an_absent_value_may_be_a_number(add_indicator: bool) -> None:
    numbers = GAPS.fillna(-1)
    imputer = SimpleImputer(missing_values=-1, add_indicator=add_indicator)

    assert largest_difference(make_pipeline(imputer, Ridge()).fit(numbers, TARGET), numbers) < 1e-5


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_an_imputer_leaves_out_a_column_that_had_no_value_in_the_training() -> None:
    nothing = GAPS.assign(b=np.nan)
    model = make_pipeline(SimpleImputer(add_indicator=True), Ridge()).fit(nothing, TARGET)

    assert largest_difference(model, nothing) < 1e-5


@pytest.mark.parametrize("kind", [GradientBoostingRegressor, RandomForestRegressor, BaggingRegressor])
def test_rows_that_the_sample_lacks_take_the_branches_of_trees_after_a_scaler(kind: Any) -> None:
    numbers = (ROWS * 1000).round()
    model = make_pipeline(StandardScaler(), kind(n_estimators=5, random_state=0)).fit(
        numbers[:50], TARGET[:50]
    )

    assert largest_difference(model, numbers) < 1e-5


@pytest.mark.parametrize("options", [{}, {"max_features": 0.7}, {"estimator": RandomForestClassifier(3)}])
def test_a_bagging_classifier_after_a_scaler_computes_in_double(options: dict[str, Any]) -> None:
    numbers = (ROWS * 1000).round()
    bagging = BaggingClassifier(n_estimators=5, random_state=0, **options)
    model = make_pipeline(StandardScaler(), bagging).fit(numbers[:50], TARGET[:50] > 1)

    assert largest_difference(model, numbers) < 1e-6


@pytest.mark.parametrize(
    "last",
    [
        HistGradientBoostingRegressor(max_iter=5),
        LGBMRegressor(n_estimators=5, verbose=-1),
        TransformedTargetRegressor(HistGradientBoostingRegressor(max_iter=5)),
        CalibratedClassifierCV(HistGradientBoostingClassifier(max_iter=5), cv=2),
    ],
    ids=["hist", "lightgbm", "transformed", "calibrated"],
)
def test_boosters_that_compare_doubles_do_so_in_the_graph(last: Any) -> None:
    # As float32, the logarithms of both numbers are the same.
    numbers = pd.DataFrame({"x": np.tile([16_000_001.0, 16_000_002.0], 60)})
    model = make_pipeline(FunctionTransformer(np.log), last).fit(numbers, np.tile([0, 1], 60))

    assert largest_difference(model, numbers) < 1e-6
    assert np.ptp(graph_output(model, numbers)) > 0.1


@pytest.mark.parametrize("objective", ["reg:gamma", "count:poisson", "reg:squarederror"])
def test_xgboost_rounds_computed_numbers_in_the_graph_too(objective: str) -> None:
    numbers = ((GAPS + 5) * 1000).round() / 7
    boosting = XGBRegressor(n_estimators=5, objective=objective)
    model = make_pipeline(StandardScaler(), boosting).fit(numbers[:50], TARGET[:50] + 10)

    assert largest_difference(model, numbers) < 1e-4


def test_an_imputed_number_that_a_scaler_gets_is_not_rounded_before() -> None:
    # As float32, the mean is larger than itself, and after the scaler larger than the threshold.
    numbers = pd.DataFrame({"x": np.tile([0.0, 0.2, 0.3, -0.1, np.nan, np.nan, np.nan, np.nan], 20)})
    boosting = HistGradientBoostingRegressor(max_iter=1, max_bins=3)
    model = make_pipeline(SimpleImputer(), StandardScaler(), boosting).fit(numbers, numbers["x"] > 0.1)

    assert largest_difference(model, numbers) < 1e-6


def test_the_nearest_rows_are_found_far_from_the_training_too() -> None:
    model = make_pipeline(StandardScaler(), KNeighborsRegressor(3)).fit(ROWS, TARGET)
    far = (ROWS + 1e8).astype(np.float32).astype(float)

    assert largest_difference(model, far) < 1e-5


def test_periodic_splines_are_exact_far_from_the_training() -> None:
    model = make_pipeline(SplineTransformer(extrapolation="periodic"), Ridge(0.1)).fit(ROWS, TARGET)

    assert largest_difference(model, (ROWS * 1e6).round().astype(np.float32)) < 1e-5


@pytest.mark.parametrize(
    "model",
    [
        Pipeline([("a", "passthrough"), ("b", None), ("c", Ridge())]),
        make_pipeline(FeatureUnion([("a", "passthrough"), ("b", StandardScaler()), ("c", "drop")]), Ridge()),
        make_pipeline(ColumnTransformer([("a", Pipeline([("b", "passthrough")]), ["a", "b"])]), Ridge()),
    ],
    ids=["first", "union", "columns"],
)
def test_steps_that_do_nothing_are_left_out(model: Any) -> None:
    assert largest_difference(model.fit(ROWS, TARGET), ROWS) < 1e-5


def test_bins_may_be_sparse() -> None:
    bins = KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")

    assert largest_difference(make_pipeline(bins, Ridge()).fit(ROWS, TARGET), ROWS) < 1e-5


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_boosting_of_a_loss_with_a_logarithm_has_its_exponential(loss: Any) -> None:
    counts = np.exp(TARGET).round() + 1
    boosting = HistGradientBoostingRegressor(loss=loss, max_iter=10)

    assert largest_difference(make_pipeline(StandardScaler(), boosting).fit(ROWS, counts), ROWS) < 1e-3
