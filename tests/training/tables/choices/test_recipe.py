"""Recipes of pipelines."""

import numpy as np
import pandas as pd
import pytest

from bundle import Field
from training.tables.choices import sampled_pipeline
from training.tables.choices.recipe import Recipe

FIELD = Field(name="x", type="number", example=0.0)


def test_a_linear_model_of_very_many_rows_is_fitted_on_rows_spread_evenly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampled_pipeline, "MOST_LINEAR_ROWS", 3)
    rows = pd.DataFrame({"x": np.array([0, 9, 2, 9, 4], dtype=np.float32)})

    fitted = Recipe(kind="linear").pipeline([FIELD], classes=0, seed=0).fit(rows, np.array([0, 9, 20, 9, 40]))

    assert fitted["features"].means_.tolist() == [2]
    assert fitted["model"].intercept_ == pytest.approx(20)
