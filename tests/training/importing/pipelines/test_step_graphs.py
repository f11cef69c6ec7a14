"""Steps of scikit-learn that skl2onnx does not convert: the same numbers as the original."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    BaggingRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, SplineTransformer, StandardScaler

from tests.training.export.graph_outputs import largest_difference

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


def test_bins_may_be_sparse() -> None:
    bins = KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")

    assert largest_difference(make_pipeline(bins, Ridge()).fit(ROWS, TARGET), ROWS) < 1e-5


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_boosting_of_a_loss_with_a_logarithm_has_its_exponential(loss: Any) -> None:
    counts = np.exp(TARGET).round() + 1
    boosting = HistGradientBoostingRegressor(loss=loss, max_iter=10)

    assert largest_difference(make_pipeline(StandardScaler(), boosting).fit(ROWS, counts), ROWS) < 1e-3
