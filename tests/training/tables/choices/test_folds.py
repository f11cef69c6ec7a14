"""Measurement of recipes on folds of the training rows."""

from dataclasses import replace

import numpy as np
import pytest

from bundle import Field
from training.data.dataset import Dataset
from training.tables.choices.folds import Folds
from training.tables.choices.recipe import Recipe
from training.tables.choices.splits import RANDOM_SPLIT, SplitChoice, SplitKind

FIELDS = tuple(Field(name=name, type="number", example=0.0) for name in ("a", "b", "c"))


def noisy_rows(rows: int = 250) -> Dataset:
    random = np.random.default_rng(3)
    columns = {field.name: random.normal(size=rows) for field in FIELDS}
    return Dataset(name="noisy", columns=columns, target=columns["a"] + random.normal(size=rows))


def test_trees_are_measured_with_the_same_rounds_on_all_folds() -> None:
    data = noisy_rows()
    recipe = Recipe(kind="trees", parameters={"leaves": 7, "rate": 0.1, "fewest": 3})

    trial = Folds(data, FIELDS, classes=0, choice=RANDOM_SPLIT, groups=None, seed=0).trial(recipe)

    assert trial is not None
    rounds = trial.recipe.parameters["rounds"]
    numbers = np.column_stack([*data.columns.values()]).astype(np.float32)
    losses = []
    for inside, outside in RANDOM_SPLIT.folds(data, None, 5, 0):
        fixed = Recipe(kind="trees", parameters={**recipe.parameters, "rounds": rounds})
        model = fixed.estimator(classes=0, seed=0).fit(numbers[inside], data.target[inside])
        losses.append((data.target[outside] - model.predict(numbers[outside])) ** 2 / data.target.var())
    np.testing.assert_allclose(trial.losses, np.concatenate(losses))


@pytest.mark.parametrize("kind", ["random", "time"])
def test_trees_far_behind_the_best_on_the_first_fold_are_not_measured_on_the_others(kind: SplitKind) -> None:
    data = noisy_rows(1_000)
    days = np.datetime64("2024-01-01") + np.arange(1_000)
    folds = Folds(
        replace(data, target=data.columns["a"] * 3, dates=days),
        FIELDS,
        classes=0,
        choice=SplitChoice(kind=kind),
        groups=None,
        seed=0,
    )
    linear = folds.trial(Recipe(kind="linear", parameters={"strength": 1.0}))

    trees = folds.trial(Recipe(kind="trees", parameters={"leaves": 2, "rounds": 3}), linear)

    # The folds of rows in the order of time grow, so that the first one decides nothing.
    assert (trees is None) == (kind == "random")


def test_a_linear_model_of_columns_that_depend_on_each_other_is_measured_without_a_warning() -> None:
    data = noisy_rows(4_000)
    data = replace(data, columns={**data.columns, "b": data.columns["a"] * 3, "c": data.columns["a"] * 5})
    recipe = Recipe(kind="linear", parameters={"strength": 1e-4})

    trial = Folds(data, FIELDS, classes=0, choice=RANDOM_SPLIT, groups=None, seed=0).trial(recipe)

    assert trial is not None
    assert trial.losses.mean() < 1
