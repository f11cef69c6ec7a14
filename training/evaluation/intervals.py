"""Where a figure would lie, 95 times in 100, on other days than the tested ones."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.evaluation.metrics import Task, normalised, positive, quality, surprise
from training.evaluation.ranking import CALIBRATION_BINS, Ranking
from training.evaluation.resampling import LEVEL, Resampling

BINS = 1_000

Draws = dict[str, NDArray[np.float64]]


class Figure(NamedTuple):
    """A metric with its 95 % interval."""

    value: float
    low: float
    high: float


def figures(
    task: Task,
    target: NDArray[Any],
    output: NDArray[Any],
    resampling: Resampling,
    ranking: Ranking | None = None,
) -> dict[str, Figure]:
    """Each metric of `quality` with its interval; arguments as there."""
    if task == "binary":
        ranking = ranking or Ranking(target, positive(output))
        draws = _binary(target, output, resampling, ranking)
    else:
        draws = _DRAWS[task](target, output, resampling)
    values = quality(task, target, output, ranking)
    return {name: interval(value, draws[name]) for name, value in values.items()}


def interval(value: float, draws: NDArray[np.float64]) -> Figure:
    """The percentile interval of a metric; draws in which it could not be told are left out."""
    told = draws[np.isfinite(draws)]
    low, high = np.quantile(told, LEVEL) if len(told) else (np.nan, np.nan)
    return Figure(float(value), float(low), float(high))


def roc_auc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> NDArray[np.float64]:
    """Areas under ROC curves of rows counted by bins of ascending score, over the last axis."""
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    return _ratio((positives * below).sum(axis=-1), pairs)


def histograms(
    ranking: Ranking, resampling: Resampling, rows: NDArray[np.intp], bins: int = BINS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positive and negative rows by bins of ascending score in each draw.

    Args:
        ranking: The rows that are meant.
        resampling: Of all rows.
        rows: Where the ranking's rows stand among all.
        bins: How many bins.
    """
    cells = ranking.quantiles(bins)
    counted = resampling.tables(rows, cells, bins)
    positives = resampling.tables(rows, cells, bins, ranking.positive)
    return positives, counted - positives


def _average_precision(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> NDArray[np.float64]:
    true = np.cumsum(positives[:, ::-1], axis=1)
    alarms = true + np.cumsum(negatives[:, ::-1], axis=1)
    return _ratio((positives[:, ::-1] * _ratio(true, alarms, none=1.0)).sum(axis=1), true[:, -1])


def _ratio(
    above: NDArray[np.float64], below: NDArray[np.float64], none: float = np.nan
) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.full_like(above, none), where=below != 0)


def _binary(target: NDArray[Any], output: NDArray[Any], resampling: Resampling, ranking: Ranking) -> Draws:
    probability, rows = positive(output), resampling.sums()
    loss = surprise(np.where(target, probability, 1 - probability))
    positives, negatives = histograms(ranking, resampling, ranking.order)
    gaps = resampling.tables(
        ranking.order, ranking.calibration(), CALIBRATION_BINS, ranking.score - ranking.positive
    )
    bins = ranking.quantiles(BINS)
    whole = _whole(ranking.positive, bins)
    return {
        # What bins blur is the same in every draw, and put right.
        "roc_auc": roc_auc(positives, negatives) + ranking.roc_auc() - roc_auc(*whole)[0],
        "average_precision": _average_precision(positives, negatives)
        + ranking.average_precision()
        - _average_precision(*whole)[0],
        "brier_score": resampling.sums((probability - target) ** 2) / rows,
        "log_loss": resampling.sums(loss) / rows,
        "calibration_error": np.abs(gaps).sum(axis=1) / rows,
    }


def _whole(
    is_positive: NDArray[np.float64], bins: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    positives = np.bincount(bins, weights=is_positive, minlength=BINS)[np.newaxis].astype(np.float64)
    return positives, np.bincount(bins, minlength=BINS) - positives


def _multiclass(target: NDArray[Any], output: NDArray[Any], resampling: Resampling) -> Draws:
    probability, rows = normalised(output), resampling.sums()
    rankings = [Ranking(target == label, score) for label, score in enumerate(probability.T)]
    areas = [roc_auc(*histograms(ranking, resampling, ranking.order)) for ranking in rankings]
    loss = surprise(probability[np.arange(len(target)), target])
    return {
        "accuracy": resampling.sums(probability.argmax(axis=1) == target) / rows,
        "log_loss": resampling.sums(loss) / rows,
        "roc_auc": np.mean(areas, axis=0),
    }


def _regression(target: NDArray[Any], output: NDArray[Any], resampling: Resampling) -> Draws:
    error, rows = output[:, 0] - target, resampling.sums()
    # From their mean, because squares of large numbers would leave nothing of their differences.
    centred = target - target.mean()
    spread = resampling.sums(centred**2) - resampling.sums(centred) ** 2 / rows
    squares = resampling.sums(error**2)
    return {
        "r2": 1 - _ratio(squares, spread),
        "mean_absolute_error": resampling.sums(np.abs(error)) / rows,
        "root_mean_squared_error": np.sqrt(squares / rows),
    }


_DRAWS = {"multiclass": _multiclass, "regression": _regression}
