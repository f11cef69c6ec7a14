from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bundle import Field
from tests.training.toys import FIELDS, TOY, fitted_toy
from training.evaluation.decisions import Decisions
from training.evaluation.importance import importance
from training.evaluation.linear import linear_baseline
from training.export.export import export
from training.export.scorer import Scorer


def test_the_linear_baseline_is_logistic_regression_on_what_each_situation_knows() -> None:
    # Given rows whose label follows from kind and size, and of which `late` says more
    _, split, _ = fitted_toy()

    # When a linear model is fitted for each situation
    found = linear_baseline(TOY, split)

    # Then it is as good as one made by hand
    def matrix(rows: Mapping[str, Any], *names: str) -> np.ndarray:
        kinds = [(rows["kind"] == kind).astype(float) for kind in "abc"]
        return np.column_stack([*kinds, *(rows[name] for name in names)])

    for situation, names in (("early", ["size"]), ("late", ["size", "late"])):
        by_hand = LogisticRegression().fit(matrix(split.train.columns, *names), split.train.target)
        answers = by_hand.predict_proba(matrix(split.test.columns, *names))[:, 1]
        assert found[situation]["roc_auc"].value == pytest.approx(
            roc_auc_score(split.test.target, answers), abs=0.01
        )


def test_free_text_alone_leaves_nothing_to_fit_a_linear_model_on() -> None:
    _, split, _ = fitted_toy()
    text = (Field(name="kind", type="text", example="a"),)

    assert linear_baseline(replace(TOY, fields=text), split) == {}


def test_what_the_label_follows_from_matters_and_nothing_else() -> None:
    # Given a bundle's graph that uses kind and size
    _, split, fitted = fitted_toy()
    scorer = Scorer(export(fitted.pipeline, TOY.columns), FIELDS)

    # When each field's values are dealt out anew
    found = importance(TOY, split.test, scorer)

    # Then only those two are missed, and what a situation does not know is not asked for
    assert found["early"].keys() == {"kind", "size"}
    assert found["late"]["size"] > found["late"]["kind"] > 0.01
    assert found["late"]["late"] == pytest.approx(0)


def test_decisions_and_their_costs_are_what_they_are_by_hand() -> None:
    # Given four positives, of which one is missed at 0.25, and six negatives, of which two are named
    target = np.array([1] * 4 + [0] * 6)
    positive = np.array([0.9, 0.3, 0.25, 0.2, 0.5, 0.4, 0.1, 0.1, 0.1, 0.24], dtype=np.float32)
    output = np.column_stack([1 - positive, positive])

    made = Decisions.of(target, output, threshold=0.25, missed_cost=3)

    assert (made.hits, made.misses, made.alarms, made.quiet) == (3, 1, 2, 4)
    assert (made.precision, made.recall) == (3 / 5, 3 / 4)
    assert made.cost == pytest.approx(1000 * (2 + 3 * 1) / 10)
    assert made.cost_of_silence == pytest.approx(1000 * 3 * 4 / 10)
    assert made.cost_of_crying == pytest.approx(1000 * 6 / 10)
