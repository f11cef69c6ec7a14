"""Shapley values: exact from all coalitions of few players, sampled from permutations of many.

Sources: Shapley, A value for n-person games, 1953; Castro et al., Polynomial calculation of the Shapley value
based on sampling, Computers & Operations Research 36, 2009. Antithetic pairs: Mitchell et al., Sampling
permutations for Shapley value estimation, JMLR 23, 2022.
"""

from functools import lru_cache
from math import comb, sqrt
from typing import Any, NamedTuple

import numpy as np

# All coalitions of this many players are 1,024 rows of the model.
MOST_EXACT = 10
# Rows of the model for a sample, and the pairs of permutations that are drawn at least.
_SAMPLED_ROWS = 2_048
_FEWEST_PAIRS = 8
# Half of a 95 % interval, in standard errors.
_NORMAL_95 = 1.96


class ShapleyValues(NamedTuple):
    """Contributions of players; together they are the value of all players minus that of none.

    Attributes:
        contributions: One for each player.
        error: Half of the 95 % interval of the least certain one; 0 when they are exact.
    """

    contributions: Any
    error: float


def coalitions(players: int) -> Any:
    """Returns the coalitions whose values `shapley_values` needs: booleans of shape (coalitions, players).

    The first has no player, the last has all.
    """
    return _subsets(players) if players <= MOST_EXACT else _sample(players)[0]


def shapley_values(values: Any, players: int) -> ShapleyValues:
    """Computes the Shapley values of players, given the values of their `coalitions`."""
    if players <= MOST_EXACT:
        return ShapleyValues(_weights(players) @ values, 0.0)
    _, ranks = _sample(players)
    # One row for each permutation, one column for each step of it.
    steps = np.diff(values.reshape(len(ranks), players + 1), axis=1)
    of_player = np.take_along_axis(steps, ranks, axis=1)
    pairs = (of_player[0::2] + of_player[1::2]) / 2
    error = pairs.std(axis=0, ddof=1).max() / sqrt(len(pairs))
    return ShapleyValues(pairs.mean(axis=0), float(_NORMAL_95 * error))


@lru_cache(maxsize=MOST_EXACT + 1)
def _subsets(players: int) -> Any:
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(bool)


@lru_cache(maxsize=MOST_EXACT + 1)
def _weights(players: int) -> Any:
    """Returns the weight of each coalition's value in each player's contribution: (players, coalitions)."""
    if not players:
        return np.zeros((0, 1))
    subsets = _subsets(players)
    sizes = subsets.sum(axis=1)
    # Of coalitions of a size that a player may join, and as many of one more that it is in.
    share = np.array([1 / (players * comb(players - 1, size)) for size in range(players)])
    joined = share[np.maximum(sizes - 1, 0)]
    left = share[np.minimum(sizes, players - 1)]
    return np.where(subsets, joined[:, None], -left[:, None]).T


@lru_cache(maxsize=16)
def _sample(players: int) -> tuple[Any, Any]:
    """Returns coalitions, players in the order of each permutation joining one by one, and their ranks.

    Each second permutation is the reverse of the one before, and every call draws the same ones.
    """
    pairs = max(_FEWEST_PAIRS, _SAMPLED_ROWS // (2 * (players + 1)))
    random = np.random.default_rng(0)
    drawn = np.argsort(random.random((pairs, players)), axis=1)
    ranks = np.stack([drawn, players - 1 - drawn], axis=1).reshape(2 * pairs, players)
    joined = ranks[:, None, :] < np.arange(players + 1)[None, :, None]
    return joined.reshape(-1, players), ranks
