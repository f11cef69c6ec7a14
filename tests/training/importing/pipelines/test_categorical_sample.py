"""A sample whose values are all unknown to an encoder, which would be predicted without an error."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, TargetEncoder

from tests.training.importing.readers.category_models import imported
from training.errors import TrainingError

ROWS = pd.DataFrame(
    {"kind": np.tile(["1", "2"], 40), "gate": np.tile([10, 20], 40), "x": np.linspace(0, 1, 80)}
)
ENCODERS = {
    "one-hot": OneHotEncoder(handle_unknown="ignore"),
    "rare": OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    "means": TargetEncoder(),
    "after an imputer": make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    ),
}


def fitted(encoder: Any, column: str) -> Any:
    parts = ColumnTransformer([("e", encoder, [column])], remainder="passthrough")
    columns = [column, "x"]
    return make_pipeline(parts, LogisticRegression()).fit(ROWS[columns], ROWS["gate"] == 10)


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_strings_that_an_encoder_does_not_know_are_refused(encoder: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"'kind' of rows.csv has none .*: 1\.0, 2\.0 instead of 1, 2\."):
        imported(fitted(encoder, "kind"), ROWS.astype({"kind": float}), tmp_path)


@pytest.mark.parametrize("name", ["one-hot", "ordinal", "means"])
def test_numbers_that_an_encoder_does_not_know_are_refused(name: str, tmp_path: Path) -> None:
    model = fitted(ENCODERS[name], "gate")

    with pytest.raises(TrainingError, match=r"'gate' of rows.csv has none .*: 1, 2 instead of 10, 20\."):
        imported(model, ROWS.assign(gate=ROWS["gate"] // 10), tmp_path)


def test_categories_that_a_pipeline_passes_on_are_checked_too(tmp_path: Path) -> None:
    kinds = ROWS[["kind"]].astype("category")
    model = make_pipeline(lightgbm.LGBMClassifier(n_estimators=1, verbose=-1)).fit(kinds, ROWS["gate"])

    with pytest.raises(TrainingError, match=r"'kind' of rows\.csv has none"):
        imported(model, ROWS[["kind"]].astype(float), tmp_path)


def test_one_known_value_is_enough(tmp_path: Path) -> None:
    sample = ROWS.assign(kind=np.where(ROWS.index == 7, "2", "z"))

    assert imported(fitted(ENCODERS["one-hot"], "kind"), sample, tmp_path).difference < 1e-6


def test_bins_that_a_step_before_the_encoder_makes_are_not_compared(tmp_path: Path) -> None:
    bins = KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf")
    bins.set_output(transform="pandas")
    parts = ColumnTransformer([("e", make_pipeline(bins, OneHotEncoder(handle_unknown="ignore")), ["x"])])
    model = make_pipeline(parts, LogisticRegression()).fit(ROWS[["x"]], ROWS["gate"])

    assert imported(model, ROWS[["x"]] / 2 + 0.1, tmp_path).difference < 1e-6
