"""Predictions of a window beside those of the test rows, in all situations of the model together."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bundle import Distribution
from monitoring.drift.binned_column import CodedColumn, coded_numbers, coded_strings

_BINS = 20
_STEPS = 300


def coded_predictions(
    references: Mapping[str, Distribution], values: Sequence[float | str | None], *, labels: bool
) -> CodedColumn:
    """Assigns predictions to bins; the shares are those of the mixture of situations that fits them best.

    A model has a reference of its predictions for each situation, such as with and without a field that
    becomes known later, and a window has rows of several situations.

    Args:
        references: Predictions of the test rows by situation.
        values: Predictions, None where not known.
        labels: Whether they are labels.
    """
    known = [found for found in references.values() if not found.is_empty]
    if labels:
        names = {value: 0.0 for found in known for value in found.values}
        joint = Distribution(values=names)
        coded = coded_strings(joint, [None if value is None else str(value) for value in values])
        shares = np.array([[found.values.get(title, 0.0) for title in coded.titles] for found in known])
    else:
        joint = _joint_histogram(known)
        coded = coded_numbers(joint, [None if value is None else float(value) for value in values])
        shares = np.array([_shares_between(found, joint.edges) for found in known])
    if not known or not shares.size:
        return coded
    counts = np.bincount(coded.codes[coded.codes >= 0], minlength=shares.shape[1])
    return coded._replace(shares=mixture(shares, counts))


def mixture(shares: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Returns the mixture of some distributions with the largest likelihood of the counts.

    Expectation maximization: https://doi.org/10.1111/j.2517-6161.1977.tb01600.x

    Args:
        shares: One distribution a row.
        counts: Number of values in each bin.
    """
    weights = np.full(len(shares), 1 / len(shares))
    for _ in range(_STEPS if len(shares) > 1 and counts.sum() else 0):
        together = weights @ shares
        parts = np.divide(counts, together, out=np.zeros(len(together)), where=together > 0)
        weights = weights * (shares @ parts)
        weights = weights / weights.sum() if weights.sum() else np.full(len(shares), 1 / len(shares))
    mixed: NDArray[np.float64] = weights @ shares
    return mixed


def _joint_histogram(known: Sequence[Distribution]) -> Distribution:
    """Returns a histogram with edges for the values of all situations."""
    if len(known) == 1:
        return known[0]
    edges = np.unique(np.concatenate([found.edges for found in known])) if known else np.zeros(0)
    if not len(edges):
        return Distribution()
    together = np.mean([_cumulative(found, edges) for found in known], axis=0)
    inner = np.interp(np.linspace(0, 1, _BINS + 1)[1:-1], together, edges)
    cuts = np.unique(np.concatenate([edges[:1], inner, edges[-1:]]))
    return Distribution(edges=tuple(cuts.tolist()), shares=(1 / (len(cuts) - 1),) * (len(cuts) - 1))


def _shares_between(found: Distribution, edges: Sequence[float]) -> NDArray[np.float64]:
    if tuple(edges) == found.edges:
        return np.array(found.shares)
    return np.diff(_cumulative(found, np.array(edges)))


def _cumulative(found: Distribution, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the share of values below some numbers, as if they were spread evenly within each bin."""
    below = np.concatenate([[0.0], np.cumsum(found.shares)])
    shares: NDArray[np.float64] = np.interp(at, found.edges, below / below[-1])
    return shares
