"""Fields that know the target together, and none alone."""

import numpy as np
import pytest

from bundle import Field
from training.data.dataset import ColumnValues, Dataset
from training.tables.choices.joint_leaks import joint_leak
from training.tables.choices.recipe import Recipe
from training.tables.choices.selection import Selection

NAMES = ("casual", "registered", "noise")


def sentence(
    loss: float,
    *,
    named: tuple[str, ...] = (),
    classes: int = 0,
    weight: float = 1,
    texts: tuple[str, ...] = (),
    numbers: tuple[str, ...] = NAMES,
) -> str:
    random = np.random.default_rng(0)
    columns: dict[str, ColumnValues] = {name: random.random(500) for name in NAMES}
    columns |= {name: np.array(["a text"] * 500, dtype=object) for name in texts}
    fields = [Field(name=name, type="number", example=1) for name in numbers]
    fields += [Field(name=name, type="text", example="a text") for name in texts]
    total = columns["casual"] * weight + columns["registered"]
    target = (total > np.median(total)).astype(int) if classes else total
    selection = Selection(recipe=Recipe(kind="linear"), sentences=(), loss=loss, constant_loss=1)
    train = Dataset(name="rides", columns=columns, target=target)
    return joint_leak(selection, fields, train, classes=classes, name="riders", named=named, seed=0)


@pytest.mark.parametrize("classes", [0, 2])
def test_fields_whose_sum_is_the_target_are_named(classes: int) -> None:
    found = sentence(0.001, classes=classes)

    assert found.startswith("riders is predicted almost perfectly, mostly from '")
    assert "'casual'" in found
    assert "'registered'" in found
    assert "noise" not in found
    assert found.endswith("together: if one of them is not known before, give --leave-out with its name.")


def test_one_field_that_knows_nearly_all_is_named_alone() -> None:
    found = sentence(0.001, weight=100)

    assert found.endswith("from the field 'casual': if it is not known before, give --leave-out 'casual'.")


def test_texts_are_named_beside_the_fields_that_trees_rank() -> None:
    found = sentence(0.001, weight=100, texts=("note", "spell"))

    assert "mostly from 'casual', 'note' and 'spell' together" in found


def test_texts_are_named_where_trees_have_no_field_to_rank() -> None:
    one, two = (sentence(0.001, numbers=(), texts=texts) for texts in (("note",), ("note", "spell")))

    assert one.endswith("mostly from its only field 'note': check that it does not contain the answer.")
    assert "mostly from 'note' and 'spell' together" in two


@pytest.mark.parametrize(("loss", "named"), [(0.02, ()), (0.001, ("casual",))])
def test_nothing_is_said_of_a_usual_loss_or_of_a_field_that_is_named_already(
    loss: float, named: tuple[str, ...]
) -> None:
    assert not sentence(loss, named=named)
