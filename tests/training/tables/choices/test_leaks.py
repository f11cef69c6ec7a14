"""Leaks among the fields of a table."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bundle import Field
from training.tables.choices import leaks
from training.tables.choices.leaks import find_leaks

ROWS = 6_000


@pytest.mark.parametrize("share", [0.5, 0.004])
@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_a_field_that_almost_knows_the_target_is_found_among_many_rows(task: str, share: float) -> None:
    random = np.random.default_rng(0)
    known = random.random(ROWS)
    columns = {"known": known, "noise": random.random(ROWS)}
    target = (known < share).astype(int) if task == "classes" else np.sqrt(known)
    fields = [Field(name=name, type="number", example=0.5) for name in columns]

    found = [*find_leaks(fields, columns, target, name="y", seed=0)]

    assert [leak.field for leak in found] == ["known"]


@pytest.mark.parametrize("classes", [2, 4])
def test_stripes_of_values_that_know_the_class_are_found(classes: int) -> None:
    # Given a class that changes with each of many intervals, so that no trend knows it
    random = np.random.default_rng(0)
    target = random.integers(0, classes, ROWS)
    stripes = (random.integers(0, 12, ROWS) * classes + target) + random.random(ROWS) * 0.9
    field = Field(name="stripes", type="number", example=0.5)

    found = [*find_leaks([field], {"stripes": stripes}, target, name="y", seed=0)]

    assert [leak.field for leak in found] == ["stripes"]


def test_no_tree_is_fitted_on_values_that_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    fitted: list[int] = []

    def skill(values: NDArray[np.float64], *_: Any) -> tuple[float, str]:
        fitted.append(len(values))
        return 0.5, "ROC AUC"

    monkeypatch.setattr(leaks, "_skill", skill)
    columns = {"noise": random.random(ROWS), "number": random.integers(0, 9, ROWS).astype(float)}
    fields = [Field(name=name, type="number", example=0.5) for name in columns]

    assert not [*find_leaks(fields, columns, random.integers(0, 3, ROWS), name="y", seed=0)]
    assert not fitted


@pytest.mark.parametrize(
    ("name", "is_named"),
    [("cancellations", True), ("previous_cancellations", False), ("LastOutcome", False), ("outcome", True)],
)
def test_a_name_of_what_comes_afterwards_is_told_unless_it_was_before(name: str, is_named: bool) -> None:
    values = np.random.default_rng(0).random(ROWS)
    target = np.random.default_rng(1).integers(0, 2, ROWS)

    found = [
        *find_leaks([Field(name=name, type="number", example=1)], {name: values}, target, name="y", seed=0)
    ]

    assert bool(found) == is_named
