"""Trees of users' own tables that grow on after their early stopping."""

from typing import Any

import numpy as np
import pytest

from training.fitting.own_table_boosting import MANY_COLUMNS, TableTreesClassifier, TableTreesRegressor


@pytest.mark.parametrize("width", [5, MANY_COLUMNS])
@pytest.mark.parametrize("kind", [TableTreesClassifier, TableTreesRegressor])
def test_trees_that_grow_on_are_those_of_a_fit_of_so_many_rounds(kind: Any, width: int) -> None:
    # Given trees that have stopped early
    rows = np.random.default_rng(0).normal(size=(400, width)).astype(np.float32)
    target = rows[:, 0] + rows[:, 1] * rows[:, 2]
    target = (target > 0).astype(int) if kind is TableTreesClassifier else target
    stopped = kind(rounds=300, share=0.6).fit(
        rows[:300], target[:300], held_out=(rows[300:], target[300:]), patience=5
    )
    rounds = stopped.booster_.current_iteration() + 20

    # When they grow on
    stopped.grow(rounds)
    stopped.rounds_ = rounds

    # Then
    whole = kind(rounds=rounds, share=0.6).fit(rows[:300], target[:300])
    assert rounds < 300
    np.testing.assert_array_equal(stopped.scores(rows), whole.scores(rows))


def test_trees_without_another_split_grow_no_more() -> None:
    rows = np.zeros((40, 2), dtype=np.float32)
    trees = TableTreesRegressor(rounds=2).fit(rows, np.arange(40.0), held_out=(rows, np.arange(40.0)))

    trees.grow(50)

    assert trees.booster_.current_iteration() < 50
