from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bundle import Field
from tests.training.toys import TOY, fitted_toy
from training.evaluation.linear_baseline import linear_baseline


def test_the_linear_baseline_is_logistic_regression_on_the_fields_of_each_situation() -> None:
    # Given rows whose label depends on kind and size, and a field `late` that depends on the label
    _, split, _ = fitted_toy()

    # When the linear baseline is fitted for each situation
    found = linear_baseline(TOY, split)

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


def test_a_model_with_text_fields_only_has_no_linear_baseline() -> None:
    _, split, _ = fitted_toy()
    text = (Field(name="kind", type="text", example="a"),)

    assert linear_baseline(replace(TOY, fields=text), split) == {}
