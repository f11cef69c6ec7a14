"""Steps that skl2onnx converts in part or wrongly: rare categories, means of labels, selections."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import (
    RFE,
    SelectFromModel,
    SelectKBest,
    SequentialFeatureSelector,
    f_regression,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from tests.training.export.graph_outputs import largest_difference

_random = np.random.default_rng(4)
WORDS = pd.DataFrame(
    {
        "city": _random.choice(["Rome", "Oslo", "Lima", "Bern", "Kyiv"], 200, p=[0.4, 0.3, 0.2, 0.05, 0.05]),
        "code": _random.choice([1.0, 2.0, 7.0], 200, p=[0.5, 0.4, 0.1]),
    }
)
WORDS.loc[::9, "city"] = np.nan
WORDS.loc[::11, "code"] = np.nan
NUMBERS = pd.DataFrame(
    _random.normal(size=(200, 3)).astype(np.float32).astype(float), columns=["a", "b", "c"]
)
VALUE = NUMBERS["a"] * 3 + WORDS["code"].fillna(4) + (WORDS["city"] == "Rome")
THREE = np.digitize(VALUE, [1, 4])


@pytest.mark.parametrize(
    "options",
    [
        {"min_frequency": 30, "handle_unknown": "infrequent_if_exist"},
        {"min_frequency": 30, "handle_unknown": "ignore", "drop": "first"},
        {"max_categories": 2, "handle_unknown": "infrequent_if_exist", "drop": "first"},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Found unknown categories:UserWarning")
def test_rare_categories_share_a_column_and_unknown_ones_follow_the_option(options: dict[str, Any]) -> None:
    encoder = ColumnTransformer([("e", OneHotEncoder(**options), ["city", "code"])])
    model = make_pipeline(encoder, LinearRegression()).fit(WORDS, VALUE)
    unknown = WORDS.assign(city=WORDS["city"].replace("Rome", "Paris"), code=WORDS["code"].replace(1, 5))

    assert largest_difference(model, WORDS) < 1e-5
    assert largest_difference(model, unknown) < 1e-5


def test_categories_of_numbers_with_fractions_have_columns_of_their_own() -> None:
    rates = NUMBERS.assign(rate=np.tile([0.1, 0.25, 1.5, 2.0], 50))
    encoder = ColumnTransformer([("e", OneHotEncoder(handle_unknown="ignore"), ["rate"])])
    model = make_pipeline(encoder, LinearRegression()).fit(rates, rates["rate"].eq(0.25) * 1.0)

    assert largest_difference(model, rates) < 1e-5
    # A sample without any known rate would be refused.
    assert largest_difference(model, rates.assign(rate=np.tile([0.3, 0.25], 100))) < 1e-5


@pytest.mark.parametrize(
    "more", [{"encoded_missing_value": -2}, {"encoded_missing_value": 9, "max_categories": 3}]
)
def test_ordinals_of_absent_unknown_and_rare_categories_follow_the_options(more: dict[str, Any]) -> None:
    options = {"handle_unknown": "use_encoded_value", "unknown_value": -1, **more}
    encoder = ColumnTransformer(
        [
            (
                "e",
                OrdinalEncoder(**options),
                ["city", "code"],
            )
        ]
    )
    model = make_pipeline(encoder, LinearRegression()).fit(WORDS, VALUE)
    unknown = WORDS.assign(city=WORDS["city"].replace("Rome", "Paris"), code=WORDS["code"].replace(1, 5))

    assert largest_difference(model, pd.concat([WORDS, unknown], ignore_index=True)) < 1e-5


def test_means_of_three_labels_are_those_of_the_encoder() -> None:
    encoder = ColumnTransformer([("e", TargetEncoder(), ["city", "code"])])
    model = make_pipeline(encoder, LogisticRegression()).fit(WORDS, THREE)

    assert largest_difference(model, WORDS.assign(city=WORDS["city"].replace("Rome", "Paris"))) < 1e-6


@pytest.mark.parametrize(
    "step",
    [
        SelectKBest(f_regression, k=1),
        SelectFromModel(Ridge(), threshold=1.0),
        RFE(Ridge(), n_features_to_select=2),
        SequentialFeatureSelector(Ridge(), n_features_to_select=1, cv=2),
    ],
    ids=lambda step: type(step).__name__,
)
def test_a_selection_may_keep_the_first_column_alone(step: Any) -> None:
    model = make_pipeline(step, Ridge()).fit(NUMBERS, VALUE)

    assert step.get_support()[0]
    assert largest_difference(model, NUMBERS) < 1e-5


@pytest.mark.parametrize("target", [THREE > 0, THREE], ids=["two labels", "three labels"])
def test_a_linear_discriminant_has_the_probabilities_of_its_scores(target: Any) -> None:
    assert largest_difference(LinearDiscriminantAnalysis().fit(NUMBERS, target), NUMBERS) < 1e-6
