"""Columns of words in pipelines: their names, and the only values that an encoder takes."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from tests.training.export.graph_outputs import largest_difference
from training.importing.pipelines.text_columns import known_values, word_columns

ROWS = pd.DataFrame({"age": [20.0, 30, 40, 50], "code": ["01", "02", "01", None], "kind": [1, 2, 7, 7]})
TARGET = [0, 1, 1, 0]


def fitted(columns: Any, step: Any = None) -> Any:
    parts = ColumnTransformer([("w", step or OneHotEncoder(), columns)], remainder="passthrough")
    return make_pipeline(parts, LogisticRegression()).fit(ROWS, TARGET)


@pytest.mark.parametrize("columns", [["code"], [1], slice(1, 2), np.array([False, True, False])], ids=str)
def test_words_are_found_by_name_position_slice_or_mask(columns: Any) -> None:
    model = fitted(columns)

    assert word_columns(model) == ("code",)
    assert largest_difference(model, ROWS) < 1e-6


def test_words_are_found_in_members_that_were_fitted_and_in_a_pipeline_without_names() -> None:
    members = VotingClassifier([("a", fitted(["code"]))], voting="soft").fit(ROWS, TARGET)
    alone = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(ROWS[["code"]], TARGET)

    assert word_columns(members) == word_columns(alone) == ("code",)


def test_an_encoder_that_raises_an_error_for_other_values_has_known_ones() -> None:
    parts = [
        ("o", OrdinalEncoder(), ["code"]),
        ("h", OneHotEncoder(), ["kind"]),
        ("s", StandardScaler(), ["age"]),
    ]
    model = ColumnTransformer(parts).fit(ROWS)

    assert known_values(model) == {"code": ("01", "02"), "kind": (1, 2, 7)}
    assert known_values(fitted(["code"], OneHotEncoder(handle_unknown="ignore"))) == {}
