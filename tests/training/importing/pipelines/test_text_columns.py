"""Columns of words in pipelines: their names, and the only values that an encoder takes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from tests.training.export.graph_outputs import largest_difference
from tests.training.importing.readers.category_models import imported, predicted
from training.importing.pipelines.text_columns import (
    known_values,
    number_words,
    whole_numbers,
    word_columns,
)

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


@pytest.mark.parametrize(
    "encoder", [OneHotEncoder(), OrdinalEncoder(encoded_missing_value=-1)], ids=["one-hot", "ordinal"]
)
def test_numbers_with_gaps_are_strings_where_the_encoder_refuses_others(encoder: Any, tmp_path: Path) -> None:
    rows = pd.DataFrame({"gate": np.tile([10.0, 20, 35, np.nan], 10), "rate": np.tile([0.1, 2.5], 20)})
    parts = ColumnTransformer([("e", encoder, ["gate", "rate"])])
    model = make_pipeline(parts, LogisticRegression()).fit(rows, np.tile([0, 1, 1, 0], 10))

    found = imported(model, rows, tmp_path)

    texts = rows.assign(gate=rows["gate"].map(lambda one: one if pd.isna(one) else str(int(one))))
    np.testing.assert_allclose(
        predicted(found, texts.astype({"rate": str})), model.predict_proba(rows), atol=1e-6
    )
    assert {one.name: one.values for one in found.fields} == {
        "gate": ("10", "20", "35"),
        "rate": ("0.1", "2.5"),
    }


def test_numbers_without_gaps_and_those_that_other_steps_take_stay_numbers() -> None:
    rows = pd.DataFrame({"month": [1, 2, 3, 3], "kind": [1, 2, 7, 7]})
    parts = [("h", OneHotEncoder(), ["month", "kind"]), ("s", StandardScaler(), ["kind"])]
    model = ColumnTransformer(parts).fit(rows)

    assert number_words(model) == ()
    assert whole_numbers(model) == {"month": (1, 2, 3), "kind": (1, 2, 7)}


def test_numbers_that_an_encoder_looks_up_are_not_rounded_in_the_comparison(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"rate": np.tile([0.1, 0.7, 2.5], 40), "x": random.normal(size=120)})
    model = HistGradientBoostingRegressor(max_iter=1, min_samples_leaf=2, categorical_features=["rate"])
    model.fit(rows, rows["rate"].eq(0.1) + rows["x"])
    nodes = model._predictors[0][0].nodes
    thresholds = nodes["num_threshold"][(nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 0)]
    # Rounded, it takes the other branch.
    above = thresholds[thresholds.astype(np.float32) > thresholds]
    at_thresholds = pd.DataFrame({"rate": 0.1, "x": above})

    found = imported(model, pd.concat([rows, at_thresholds]), tmp_path)

    assert found.difference < 1e-5
    assert "sample rows change" in " ".join(found.notes)
