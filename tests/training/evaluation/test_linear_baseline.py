import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import LinAlgWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bundle import Field
from tests.training.toys import TOY, fitted_toy
from training.data.dataset import Dataset
from training.data.split import by_time
from training.evaluation.baselines import linear_baseline as module
from training.evaluation.baselines.linear_baseline import linear_baseline
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import estimate_gain
from training.model import Situation


def test_the_linear_baseline_is_logistic_regression_on_the_fields_of_each_situation() -> None:
    # Given rows whose label depends on kind and size, and a field `late` that depends on the label
    _, split, fitted = fitted_toy()

    # When the linear baseline is fitted for each situation
    found = linear_baseline(TOY, split, fitted.outputs(split.test)).estimates

    # Then its ROC AUC is that of the same regression written out
    def matrix(rows: Mapping[str, Any], *names: str) -> np.ndarray:
        kinds = [(rows["kind"] == kind).astype(float) for kind in "abc"]
        return np.column_stack([*kinds, *(rows[name] for name in names)])

    for situation, names in (("early", ["size"]), ("late", ["size", "late"])):
        expected = LogisticRegression().fit(matrix(split.train.columns, *names), split.train.target)
        probabilities = expected.predict_proba(matrix(split.test.columns, *names))[:, 1]
        assert found[situation]["roc_auc"].value == pytest.approx(
            roc_auc_score(split.test.target, probabilities), abs=0.01
        )


@pytest.mark.slow
def test_a_matrix_of_mostly_zeros_is_sparse_and_has_the_same_regression(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given the form of the matrices that regressions are fitted on
    _, split, fitted = fitted_toy()
    outputs, forms = fitted.outputs(split.test), []
    regression = LogisticRegression.fit

    def fit(self: Any, matrix: Any, target: Any) -> Any:
        forms.append(sparse.issparse(matrix))
        return regression(self, matrix, target)

    monkeypatch.setattr(LogisticRegression, "fit", fit)

    # When they are made in blocks, and the share of numbers up to which they are sparse is 0, and then 1
    monkeypatch.setattr(module, "BLOCK_ROWS", 7)
    found = []
    for most in (0.0, 1.0):
        monkeypatch.setattr(module, "MOST_NONZERO", most)
        found.append(linear_baseline(TOY, split, outputs).estimates)

    # Then they are dense and then sparse, and the metrics are the same
    assert forms == [False, False, True, True]
    for situation, estimates in found[0].items():
        for metric, estimate in estimates.items():
            assert found[1][situation][metric] == pytest.approx(estimate, abs=1e-4)


def test_a_wide_matrix_has_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a matrix of at most 200 cells: three kinds, and the numbers of each situation
    _, split, fitted = fitted_toy()
    fits: list[int] = []
    regression = LogisticRegression.fit

    def fit(self: Any, *rows: Any) -> Any:
        fits.append(rows[0].size)
        return regression(self, *rows)

    monkeypatch.setattr(LogisticRegression, "fit", fit)
    monkeypatch.setattr(module, "MAX_TRAIN_CELLS", 200)

    # When
    linear_baseline(TOY, split, fitted.outputs(split.test))

    # Then
    assert [200 - 10 < cells <= 200 for cells in fits] == [True, True]


def test_a_solver_that_gives_way_to_another_one_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given columns that depend on each other, of which scikit-learn warns
    _, split, fitted = fitted_toy()
    regression = LogisticRegression.fit

    def fit(self: Any, *rows: Any) -> Any:
        warnings.warn("an ill-conditioned matrix", LinAlgWarning, stacklevel=2)
        return regression(self, *rows)

    monkeypatch.setattr(LogisticRegression, "fit", fit)

    assert linear_baseline(TOY, split, fitted.outputs(split.test)).estimates


def test_a_model_with_text_fields_only_has_no_linear_baseline() -> None:
    _, split, fitted = fitted_toy()
    text = (Field(name="kind", type="text", example="a"),)

    found = linear_baseline(replace(TOY, fields=text), split, fitted.outputs(split.test))

    assert (found.estimates, found.gains) == ({}, {})


def test_hours_and_days_of_the_week_are_categories_of_the_baseline() -> None:
    # Given rows whose label depends on the hour and on the day of the week, on neither in a straight line
    random, rows = np.random.default_rng(0), 4_000
    days = np.datetime64("2024-01-01") + (np.arange(rows) // 20).astype("timedelta64[D]")
    hours, weekday = random.integers(0, 24, rows), (days.astype(int) + 3) % 7
    score = (hours % 6 < 3).astype(float) + (weekday % 2 == 0)
    target = (score + random.normal(0, 0.5, rows) > 1).astype(int)
    fields = (
        Field(name="day", type="date", example="2024-01-01"),
        Field(name="at", type="time", example="17:45"),
    )
    at = np.array([f"{hour:02d}:30" for hour in hours], dtype=object)
    data = Dataset(name="hours", columns={"day": days, "at": at}, target=target, dates=days)
    model = replace(TOY, fields=fields, situations=(Situation(name="", description="all"),))
    split = by_time(data, 0)
    nothing = np.full((len(split.test), 2), 0.5)

    # When the baseline is fitted, and compared with a model that predicts the same for each row
    found = linear_baseline(model, split, {"": nothing})

    # Then it finds both, and its gain is that in the ROC AUC
    auc = found.estimates[""]["roc_auc"].value
    assert auc > 0.8
    assert found.gains[""].value == pytest.approx(auc - 0.5)
    assert 0.25 < found.gains[""].low < auc - 0.5 < found.gains[""].high


def test_the_gain_over_the_same_predictions_is_nothing_and_has_no_noise() -> None:
    _, split, fitted = fitted_toy()
    output = fitted.outputs(split.test)["early"]

    found = estimate_gain("binary", split.test.target, output, output, ClusterBootstrap(split.test))

    assert (found.value, found.low, found.high) == (0, 0, 0)
