"""Gains of trees by field, which decide the fields of a wide table."""

from collections.abc import Sequence

import numpy as np

from bundle import Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.tables.choices.recipe import Recipe

MOST_RANKED_ROWS = 20_000


def field_gains(fields: Sequence[Field], train: Dataset, *, classes: int, seed: int) -> dict[str, float]:
    """Measures how much trees gain from each field, on training rows.

    A text cannot be ranked so, and has an infinite gain.
    """
    recipe = Recipe(kind="trees", parameters={"rounds": 50, "leaves": 15, "rate": 0.1, "share": 0.3})
    ranked = [field for field in fields if field.type != "text"]
    gains = {field.name: np.inf for field in fields if field.type == "text"}
    features = recipe.features(ranked, classes=classes)
    matrix = features.fit_transform(pipeline_frame(ranked, train), train.target)
    model = recipe.estimator(classes=classes, seed=seed).fit(matrix, train.target)
    importance = iter(model.booster_.feature_importance("gain").tolist())
    for name in features.numbers:
        owner = _owner(ranked, name)
        gains[owner] = gains.get(owner, 0.0) + next(importance)
    for name, categories in features.categories_.items():
        gains[name] = sum(next(importance) for _ in categories)
    for name in features.means_:
        gains[name] = sum(next(importance) for _ in features.priors_)
    return gains


def _owner(fields: Sequence[Field], column: str) -> str:
    """Returns the field of a column: its own name, or that of a date or time with a part behind it."""
    names = [field.name for field in fields]
    if column in names:
        return column
    return next(name for name in names if column.startswith(f"{name}_"))
