"""Choice of a recipe among candidates."""

from typing import Any

import numpy as np
import pytest

from bundle import Field
from training.data.dataset import Dataset
from training.fitting.own_table_boosting import MANY_COLUMNS
from training.progress import SILENT
from training.tables.choices import selection
from training.tables.choices.folds import Trial
from training.tables.choices.recipe import Recipe
from training.tables.choices.splits import RANDOM_SPLIT

FIELDS = (Field(name="x", type="number", example=0.0),)


def tried(
    monkeypatch: pytest.MonkeyPatch, *, hopeless: bool, fields: int = 1, loss: float = 0.4
) -> list[tuple[str, float]]:
    """Selects among candidates, linear ones of a loss of 0.5 and trees of `loss`.

    The trees may have no trial, because they are far behind.
    """
    found: list[tuple[str, float]] = []

    class Measured:
        constant_loss = 1.0

        def __init__(self, *_: Any, **__: Any) -> None: ...

        def trial(self, recipe: Recipe, _: Trial | None) -> Trial | None:
            found.append((recipe.kind, recipe.parameters.get("leaves", 0)))
            if recipe.kind == "trees" and hopeless:
                return None
            parameters = {"rounds": 10, **recipe.parameters}
            return Trial(
                recipe=Recipe(kind=recipe.kind, parameters=parameters),
                losses=np.full(10, 0.5 if recipe.kind == "linear" else loss),
            )

    monkeypatch.setattr(selection, "Folds", Measured)
    data = Dataset(name="rows", columns={"x": np.arange(100.0)}, target=np.arange(100.0))
    many = FIELDS * fields
    selection.select(data, many, classes=0, choice=RANDOM_SPLIT, groups=None, seed=0, progress=SILENT)
    return [one for one in found if one[0] == "trees"]


@pytest.mark.parametrize(("hopeless", "leaves"), [(True, [7]), (False, [7, 31])])
def test_larger_trees_are_not_tried_after_small_ones_that_are_far_behind(
    monkeypatch: pytest.MonkeyPatch, hopeless: bool, leaves: list[int]
) -> None:
    assert tried(monkeypatch, hopeless=hopeless) == [("trees", found) for found in leaves]


@pytest.mark.parametrize(
    ("fields", "loss", "leaves"),
    [(MANY_COLUMNS, 0.5, [7]), (MANY_COLUMNS, 0.4, [7, 31]), (MANY_COLUMNS - 1, 0.5, [7, 31])],
)
def test_larger_trees_of_many_fields_are_tried_where_small_ones_are_better_than_linear_models(
    monkeypatch: pytest.MonkeyPatch, fields: int, loss: float, leaves: list[int]
) -> None:
    found = tried(monkeypatch, hopeless=False, fields=fields, loss=loss)

    assert found == [("trees", one) for one in leaves]
