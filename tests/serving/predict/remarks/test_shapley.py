"""Shapley values against their definition."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from numpy.typing import NDArray

from serving.predict.remarks.shapley import MOST_EXACT, _sample, coalitions, shapley_values


def game(members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Values of coalitions in a game with interactions, given booleans of shape (coalitions, players)."""
    weights = np.arange(1, members.shape[1] + 1)
    found: NDArray[np.float64] = np.tanh(members @ weights / 7)
    return found + members[:, 0] * members[:, -1] - 0.5 * members[:, 1]


def by_definition(players: int) -> NDArray[np.float64]:
    """Mean of what each player adds over all orders of joining."""
    found = np.zeros(players)
    for order in permutations(range(players)):
        members = np.zeros((players + 1, players), dtype=bool)
        for step, player in enumerate(order):
            members[step + 1 :, player] = True
        found[list(order)] += np.diff(game(members))
    return found / factorial(players)


@pytest.mark.parametrize("players", [2, 3, 5, 7])
def test_they_are_exact_for_few_players(players: int) -> None:
    found = shapley_values(game(coalitions(players)), players)

    np.testing.assert_allclose(found.contributions, by_definition(players), atol=1e-12)
    assert found.error == 0


def test_one_player_has_all_and_no_player_has_none() -> None:
    assert shapley_values(np.array([0.25, 0.75]), 1).contributions.tolist() == [0.5]
    assert shapley_values(np.array([0.25]), 0).contributions.tolist() == []


def test_many_players_are_sampled_and_add_up_within_the_stated_error() -> None:
    players = MOST_EXACT + 4
    found = shapley_values(game(coalitions(players)), players)
    subsets = (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(bool)
    exact = exact_values(game(subsets), subsets)

    ends = game(np.array([[False] * players, [True] * players]))
    assert found.contributions.sum() == pytest.approx(ends[1] - ends[0], abs=1e-12)
    assert 0 < found.error < 0.05
    assert np.abs(found.contributions - exact).max() < 2 * found.error
    assert len(coalitions(players)) <= 2_048


def exact_values(values: NDArray[np.float64], subsets: NDArray[np.bool_]) -> NDArray[np.float64]:
    players, sizes = subsets.shape[1], subsets.sum(axis=1)
    orders = np.array(
        [factorial(size) * factorial(players - 1 - size) for size in range(players)], dtype=float
    )
    found = []
    for player in range(players):
        without = np.flatnonzero(~subsets[:, player])
        added = values[without | 1 << player] - values[without]
        found.append((orders[sizes[without]] / factorial(players) * added).sum())
    return np.array(found)


def test_a_sample_is_the_same_every_time() -> None:
    first = coalitions(12)
    _sample.cache_clear()

    assert (coalitions(12) == first).all()
