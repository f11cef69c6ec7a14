"""Metrics of each group of a slice of the test rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bundle import Task
from training.data.dataset import Dataset
from training.data.slices import Slice
from training.data.split import Split
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import (
    MetricEstimate,
    percentile_interval,
    roc_auc_draws,
)
from training.evaluation.metrics import positive_probability
from training.evaluation.ranking_metrics import Ranking
from training.model import Model

SLICE_SCORE_BINS = 100
SLICE_DRAWS = 400
MIN_SLICE_ROWS = 20
INT16_VALUES = 2**15
_ROWS_AT_ONCE = 1_000_000

# Rows sorted by score, or the value that each row adds to a mean.
RowScores: TypeAlias = Ranking | NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class SlicePart:
    """One group of rows.

    Attributes:
        name: Name of the group.
        rows: Number of test rows; 0 when only training rows are in the group.
        mean: Mean of the test target; of a binary model the share of positive rows.
        train_mean: Mean of the training target in the same group, NaN without training rows.
        estimates: Primary metric by situation; empty when the rows are too few for it.
    """

    name: str
    rows: int
    mean: float
    train_mean: float
    estimates: Mapping[str, MetricEstimate]


@dataclass(frozen=True, kw_only=True)
class SliceMetrics:
    """The groups of one slice."""

    title: str
    parts: tuple[SlicePart, ...]


def slice_metrics(
    model: Model, split: Split, outputs: Mapping[str, NDArray[Any]], rankings: Mapping[str, Ranking]
) -> tuple[SliceMetrics, ...]:
    """Computes the primary metric for each slice of the model.

    The metric is ROC AUC of a binary model, otherwise accuracy or mean absolute error. Groups with fewer
    than 20 rows (of either label in a binary model) have no metric.

    Args:
        model: Names the slices.
        split: Training rows and test rows.
        outputs: The graph's output for all test rows, by situation.
        rankings: Test rows sorted by score, by situation, of a binary model.
    """
    bootstrap = ClusterBootstrap(split.test, draws=SLICE_DRAWS)
    target = split.test.target
    scores: dict[str, RowScores] = {
        name: rankings[name] if model.task == "binary" else row_scores(model.task, target, output)
        for name, output in outputs.items()
    }
    return tuple(_slice(model, slice_, split, scores, bootstrap) for slice_ in model.slices)


def row_scores(task: Task, target: NDArray[Any], output: NDArray[Any]) -> RowScores:
    """Returns what the primary metric of a group of rows is computed from."""
    if task == "binary":
        return Ranking(target, positive_probability(output))
    if task == "multiclass":
        return np.asarray(output.argmax(axis=1) == target)
    return np.asarray(np.abs(output[:, 0] - target))


def _slice(
    model: Model, slice_: Slice, split: Split, scores: Mapping[str, RowScores], bootstrap: ClusterBootstrap
) -> SliceMetrics:
    codes, names = slice_.parts(split.test)
    counts, means = _means(codes, len(names), _mean_target(model, split.test))
    train_means = _means_by_name(model, slice_, split.train)
    shown = slice_.shown(counts, names)
    estimates = {
        name: {
            part: percentile_interval(*measured)
            for part, measured in primary_by_part(rows, codes, shown, bootstrap).items()
        }
        for name, rows in scores.items()
    }
    parts = [
        SlicePart(
            name=names[part],
            rows=int(counts[part]),
            mean=float(means[part]),
            train_mean=train_means.get(names[part], np.nan),
            estimates={name: by_part[part] for name, by_part in estimates.items() if part in by_part},
        )
        for part in shown
    ]
    return SliceMetrics(
        title=slice_.title, parts=tuple(_with_train_only(parts, train_means) if slice_.in_order else parts)
    )


def _with_train_only(parts: list[SlicePart], train_means: Mapping[str, float]) -> list[SlicePart]:
    tested = {part.name for part in parts}
    train_only = [
        SlicePart(name=name, rows=0, mean=np.nan, train_mean=mean, estimates={})
        for name, mean in train_means.items()
        if name not in tested
    ]
    return sorted([*train_only, *parts], key=lambda part: part.name)


def _mean_target(model: Model, dataset: Dataset) -> NDArray[Any]:
    return dataset.target == len(model.labels) - 1 if model.labels else dataset.target


def _means_by_name(model: Model, slice_: Slice, dataset: Dataset) -> dict[str, float]:
    # In blocks, because the groups of 28 million training rows took a gigabyte.
    totals: dict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(2))
    for start in range(0, len(dataset), _ROWS_AT_ONCE):
        part = dataset.take(slice(start, start + _ROWS_AT_ONCE))
        codes, names = slice_.parts(part)
        for name, *total in zip(names, *_sums(codes, len(names), _mean_target(model, part)), strict=True):
            totals[name] += total
    return {name: total / count if count else np.nan for name, (count, total) in totals.items()}


def _means(
    codes: NDArray[np.intp], size: int, values: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    counts, sums = _sums(codes, size, values)
    return counts, np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)


def _sums(codes: NDArray[np.intp], size: int, values: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Returns the number of rows and the sum of the values of each group; the code -1 is no group."""
    counts = np.bincount(codes + 1, minlength=size + 1)[1:]
    return counts, np.bincount(codes + 1, weights=values, minlength=size + 1)[1:]


def primary_by_part(
    rows: RowScores, codes: NDArray[np.intp], shown: list[int], bootstrap: ClusterBootstrap
) -> dict[int, tuple[float, NDArray[np.float64]]]:
    """Computes the primary metric of each shown group of rows, and its value in each draw.

    The draws are empty for rows of one cluster, which do not show how much clusters differ. Groups with too
    few rows are left out.

    Args:
        rows: What `row_scores` returns.
        codes: Group of each row, -1 for none, shape (n,).
        shown: The groups to compute.
        bootstrap: Draws of the rows.
    """
    if isinstance(rows, Ranking):
        return _roc_auc_by_part(rows, codes, shown, bootstrap)
    return _mean_by_part(rows, codes, shown, bootstrap)


def _roc_auc_by_part(
    ranking: Ranking, codes: NDArray[np.intp], shown: list[int], bootstrap: ClusterBootstrap
) -> dict[int, tuple[float, NDArray[np.float64]]]:
    ranked = codes[ranking.order]
    # NumPy sorts int16 by radix, much faster; the stable sort keeps each part's rows in order of score.
    narrow = ranked.astype(np.int16) if ranked.max(initial=0) < INT16_VALUES else ranked
    by_part = np.argsort(narrow, kind="stable")
    bounds = np.searchsorted(ranked[by_part], [*shown, *(part + 1 for part in shown)])
    estimates = {}
    for index, part in enumerate(shown):
        rows = by_part[bounds[index] : bounds[index + len(shown)]]
        part_ranking = Ranking(ranking.positive[rows], ranking.score[rows])
        positives = part_ranking.positive.sum()
        if min(positives, len(rows) - positives) >= MIN_SLICE_ROWS:
            positions = ranking.order[rows[part_ranking.order]]
            area = part_ranking.roc_auc()
            draws = roc_auc_draws(area, part_ranking, bootstrap, positions, SLICE_SCORE_BINS)
            estimates[part] = area, _kept(draws, bootstrap.codes[positions])
    return estimates


def _mean_by_part(
    values: NDArray[Any], codes: NDArray[np.intp], shown: list[int], bootstrap: ClusterBootstrap
) -> dict[int, tuple[float, NDArray[np.float64]]]:
    size = int(codes.max(initial=0)) + 1
    counts, means = _means(codes, size, values)
    rows = np.flatnonzero(codes >= 0)
    sums = bootstrap.tables(rows, codes[rows], size, values[rows])
    drawn = bootstrap.tables(rows, codes[rows], size)
    draws = np.divide(sums, drawn, out=np.full_like(sums, np.nan), where=drawn > 0)
    return {
        part: (float(means[part]), _kept(draws[:, part], bootstrap.codes[codes == part]))
        for part in shown
        if counts[part] >= MIN_SLICE_ROWS
    }


def _kept(draws: NDArray[np.float64], clusters: NDArray[np.intp]) -> NDArray[np.float64]:
    return draws[:0] if clusters.min() == clusters.max() else draws
