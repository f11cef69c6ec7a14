"""Gains of trees by field, which decide the fields of a wide table."""

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.tables.choices.recipe import Recipe

MOST_RANKED_ROWS = 20_000
_ROUNDS = 50


def field_gains(fields: Sequence[Field], train: Dataset, *, classes: int, seed: int) -> dict[str, float]:
    """Measures how much trees gain from each field, on training rows.

    A text cannot be ranked so, and has an infinite gain.
    """
    recipe = Recipe(kind="trees")
    ranked = [field for field in fields if field.type != "text"]
    gains = {field.name: np.inf for field in fields if field.type == "text"}
    if not ranked:
        return gains
    features = recipe.features(ranked, classes=classes)
    matrix = features.fit_transform(pipeline_frame(ranked, train), train.target)
    importance = iter(_gains(matrix, train.target, classes=classes, seed=seed))
    names = {field.name for field in ranked}
    for name in features.numbers:
        owner = name if name in names else _owner(ranked, name)
        gains[owner] = gains.get(owner, 0.0) + next(importance)
    for name, categories in features.categories_.items():
        gains[name] = sum(next(importance) for _ in categories)
    for name in features.means_:
        gains[name] = sum(next(importance) for _ in features.priors_)
    return gains


def _gains(matrix: NDArray[np.float32], target: NDArray[Any], *, classes: int, seed: int) -> list[float]:
    """Grows trees on coarse bins, enough for a ranking, and returns their gains by column."""
    objectives = {0: {"objective": "regression"}, 2: {"objective": "binary"}}
    parameters = {
        **objectives.get(classes, {"objective": "multiclass", "num_class": classes}),
        "num_leaves": 15,
        "learning_rate": 0.1,
        "feature_fraction": 0.3,
        "lambda_l2": 1.0,
        "max_bin": 63,
        "bin_construct_sample_cnt": 5_000,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(matrix, target, params=parameters), _ROUNDS)
    return [float(gain) for gain in booster.feature_importance("gain")]


def _owner(fields: Sequence[Field], column: str) -> str:
    """Returns the date or time of a column, which has its name with a part behind it."""
    return next(field.name for field in fields if column.startswith(f"{field.name}_"))
