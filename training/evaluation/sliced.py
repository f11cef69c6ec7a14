"""The quality in each part of the test rows by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.intervals import Figure, histograms, interval, roc_auc
from training.evaluation.metrics import Task
from training.evaluation.ranking import Ranking
from training.evaluation.resampling import Resampling
from training.evaluation.slices import Slice
from training.model import Model

BINS = 100
DRAWS = 400
FEWEST = 20
MOST_INT16 = 2**15

# Rows as their figures are made of them: ranked, or what each adds to a mean.
Told: TypeAlias = Ranking | NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some of the test rows.

    Attributes:
        name: What they have in common.
        rows: How many they are; none when the part is among the training rows only.
        mean: Their target's mean; in a binary model the share of positives.
        train_mean: That of the same part of the training rows, NaN without any.
        figures: By situation how good the answers are; none where the rows are too few to tell.
    """

    name: str
    rows: int
    mean: float
    train_mean: float
    figures: Mapping[str, Figure]


@dataclass(frozen=True, kw_only=True)
class Sliced:
    """The test rows' parts of one slice."""

    title: str
    parts: tuple[Part, ...]


def measure_slices(
    model: Model, split: Split, outputs: Mapping[str, NDArray[Any]], rankings: Mapping[str, Ranking]
) -> tuple[Sliced, ...]:
    """Cuts the test rows in each way the model names.

    The quality is told by ROC AUC in a binary model, whose rows are given ranked, otherwise by accuracy or
    mean absolute error.
    """
    resampling = Resampling(split.test, draws=DRAWS)
    target = split.test.target
    told: dict[str, Told] = {
        name: rankings[name] if model.task == "binary" else _row_by_row(model.task, target, output)
        for name, output in outputs.items()
    }
    return tuple(_cut(model, way, split, told, resampling) for way in model.slices)


def _row_by_row(task: Task, target: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
    if task == "multiclass":
        return np.asarray(output.argmax(axis=1) == target)
    return np.asarray(np.abs(output[:, 0] - target))


def _cut(model: Model, way: Slice, split: Split, told: Mapping[str, Told], resampling: Resampling) -> Sliced:
    codes, names = way.parts(split.test)
    counts, means = _means(codes, len(names), _aim(model, split.test))
    train_means = _by_name(way, split.train, _aim(model, split.train))
    shown = way.shown(counts, names)
    figures = {
        name: (
            _areas(rows, codes, shown, resampling)
            if isinstance(rows, Ranking)
            else _mean_figures(rows, codes, shown, resampling)
        )
        for name, rows in told.items()
    }
    parts = [
        Part(
            name=names[part],
            rows=int(counts[part]),
            mean=float(means[part]),
            train_mean=train_means.get(names[part], np.nan),
            figures={name: found[part] for name, found in figures.items() if part in found},
        )
        for part in shown
    ]
    return Sliced(title=way.title, parts=tuple(_with_past(parts, train_means) if way.in_order else parts))


def _with_past(parts: list[Part], train_means: Mapping[str, float]) -> list[Part]:
    """Parts in order, with those that were only learned from."""
    tested = {part.name for part in parts}
    past = [
        Part(name=name, rows=0, mean=np.nan, train_mean=mean, figures={})
        for name, mean in train_means.items()
        if name not in tested
    ]
    return sorted([*past, *parts], key=lambda part: part.name)


def _aim(model: Model, dataset: Dataset) -> NDArray[Any]:
    return dataset.target == len(model.labels) - 1 if model.labels else dataset.target


def _by_name(way: Slice, dataset: Dataset, told: NDArray[Any]) -> dict[str, float]:
    codes, names = way.parts(dataset)
    _, means = _means(codes, len(names), told)
    return dict(zip(names, means.tolist(), strict=True))


def _means(
    codes: NDArray[np.intp], size: int, values: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    counts = np.bincount(codes + 1, minlength=size + 1)[1:]
    sums = np.bincount(codes + 1, weights=values, minlength=size + 1)[1:]
    return counts, np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)


def _areas(
    ranking: Ranking, codes: NDArray[np.intp], shown: list[int], resampling: Resampling
) -> dict[int, Figure]:
    ranked = codes[ranking.order]
    # Few parts are sorted by digits; rows of a part stay ranked, and ranked rows are soon ranked again.
    narrow = ranked.astype(np.int16) if ranked.max(initial=0) < MOST_INT16 else ranked
    by_part = np.argsort(narrow, kind="stable")
    starts = np.searchsorted(ranked[by_part], [*shown, *(part + 1 for part in shown)])
    found = {}
    for place, part in enumerate(shown):
        rows = by_part[starts[place] : starts[place + len(shown)]]
        alone = Ranking(ranking.positive[rows], ranking.score[rows])
        if min(alone.positive.sum(), len(rows) - alone.positive.sum()) >= FEWEST:
            places = ranking.order[rows[alone.order]]
            draws = roc_auc(*histograms(alone, resampling, places, BINS))
            found[part] = interval(alone.roc_auc(), draws)
    return found


def _mean_figures(
    values: NDArray[Any], codes: NDArray[np.intp], shown: list[int], resampling: Resampling
) -> dict[int, Figure]:
    size = int(codes.max(initial=0)) + 1
    counts, means = _means(codes, size, values)
    rows = np.flatnonzero(codes >= 0)
    sums = resampling.tables(rows, codes[rows], size, values[rows])
    drawn = resampling.tables(rows, codes[rows], size)
    draws = np.divide(sums, drawn, out=np.full_like(sums, np.nan), where=drawn > 0)
    return {part: interval(means[part], draws[:, part]) for part in shown if counts[part] >= FEWEST}
