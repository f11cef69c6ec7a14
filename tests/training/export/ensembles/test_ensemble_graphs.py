"""Ensembles of pipelines that select columns, and calibrations: the same numbers as the original."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    RandomForestClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from tests.training.export.graph_outputs import graph_output, largest_difference
from training.errors import TrainingError

_random = np.random.default_rng(3)
ROWS = pd.DataFrame(
    {
        "age": _random.integers(18, 80, 150).astype(float),
        "income": _random.normal(size=150).astype(np.float32).astype(float),
        "city": _random.choice(["Rome", "Oslo", "Lima"], 150),
    }
)
SCORE = (ROWS["age"] - 45) / 15 + (ROWS["city"] == "Rome") + ROWS["income"]
TWO, THREE = np.where(SCORE > 0, "yes", "no"), np.digitize(SCORE, [-0.5, 1])
NUMBERS = ROWS[["age", "income"]]
TREE = DecisionTreeRegressor(max_depth=3)


def selecting(last: Any) -> Any:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    parts = [("n", numbers, ["age", "income"]), ("w", OneHotEncoder(), ["city"])]
    return make_pipeline(ColumnTransformer(parts, sparse_threshold=0), last)


def members() -> list[tuple[str, Any]]:
    return [("a", selecting(LogisticRegression())), ("b", selecting(GaussianNB()))]


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (VotingClassifier(members(), voting="soft", weights=[1, 3]), TWO),
        (StackingClassifier(members(), cv=2), TWO),
        (StackingClassifier(members(), cv=2), THREE),
        (CalibratedClassifierCV(selecting(LinearSVC()), cv=2), TWO),
    ],
    ids=["voting", "stacking", "stacking of three labels", "calibration"],
)
def test_members_of_a_classifier_may_select_columns(model: Any, target: Any) -> None:
    assert largest_difference(model.fit(ROWS, target), ROWS) < 2e-6


@pytest.mark.parametrize(
    "model",
    [
        VotingRegressor(
            [("a", LinearRegression()), ("b", DecisionTreeRegressor(max_depth=3))], weights=[3, 1]
        ),
        StackingRegressor([("a", LinearRegression()), ("b", DecisionTreeRegressor(max_depth=3))], cv=2),
        StackingRegressor([("a", LinearRegression())], LinearRegression(), cv=2, passthrough=True),
    ],
    ids=["voting", "stacking", "passthrough"],
)
def test_values_of_members_are_weighed_or_stacked(model: Any) -> None:
    assert largest_difference(model.fit(NUMBERS, SCORE), NUMBERS) < 1e-5


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (
            CalibratedClassifierCV(
                RandomForestClassifier(4, max_depth=3, random_state=0), method="isotonic", cv=2
            ),
            TWO,
        ),
        (CalibratedClassifierCV(LogisticRegression(), method="isotonic", cv=2), THREE),
        (CalibratedClassifierCV(LogisticRegression(), method="temperature", cv=2), THREE),
        (
            CalibratedClassifierCV(
                RandomForestClassifier(4, max_depth=3, random_state=0), method="temperature", cv=2
            ),
            TWO,
        ),
        (CalibratedClassifierCV(LinearSVC(), ensemble=False, cv=2), THREE),
        (CalibratedClassifierCV(FrozenEstimator(LogisticRegression().fit(NUMBERS, TWO))), TWO),
    ],
    ids=["isotonic", "isotonic of three", "temperature", "temperature of shares", "one fold", "frozen"],
)
def test_scores_are_calibrated_as_in_the_original(model: Any, target: Any) -> None:
    assert largest_difference(model.fit(NUMBERS, target), NUMBERS) < 1e-5


def test_a_stack_of_scores_is_refused_with_the_way_out() -> None:
    model = StackingClassifier([("a", LinearSVC())], cv=2).fit(NUMBERS, TWO)

    with pytest.raises(TrainingError, match="with probabilities and stack_method='predict_proba'"):
        graph_output(model, NUMBERS)
