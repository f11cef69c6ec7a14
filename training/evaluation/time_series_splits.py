"""Cuts in time: the same recipe fitted on the rows before a day and tested on those after it, several times.

Each cut tests on the block of days that follows its training rows, as scikit-learn's TimeSeriesSplit does.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np

from training.data.dataset import Dataset
from training.data.split import Split
from training.errors import TrainingError
from training.evaluation.metrics import compute_metrics
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model import Model
from training.progress import Progress


class TimeCut(msgspec.Struct, frozen=True, kw_only=True):
    """Metrics of one cut.

    Attributes:
        start: First day of the test rows.
        end: Last day of the test rows.
        train_rows: Number of rows before the first day, which the fit learned from.
        test_rows: Number of test rows.
        metrics: Metrics by situation.
    """

    start: str
    end: str
    train_rows: int
    test_rows: int
    metrics: dict[str, dict[str, float]]


def cut_splits(model: Model, data: Dataset, count: int) -> list[Split]:
    """Cuts the days of the data into `count` + 1 blocks of about equally many rows; each but the first tests.

    Raises:
        TrainingError: When the rows have no dates, too few days, or a part without one of the labels.
    """
    dates = data.dates
    if dates is None:
        raise TrainingError(f"The data {data.name!r} have no dates, so --cuts cannot cut them: leave it out.")
    firsts = [dates[len(data) * block // (count + 1)] for block in range(count + 1)]
    if any(later <= earlier for earlier, later in pairwise(firsts)):
        raise TrainingError(f"{data.name} has too few days for {count} cuts in time: give --cuts fewer.")
    splits = []
    for number, first in enumerate(firsts[1:], 1):
        inside = dates >= first
        if number < count:
            inside &= dates < firsts[number + 1]
        train, test = data.take(dates < first), data.take(inside)
        for part in (train, test) if model.labels else ():
            _check_labels(model, part, number)
        splits.append(Split(train=train, test=test, description=f"cut {number}"))
    return splits


def measure_cuts(model: Model, splits: list[Split], plan: Plan, progress: Progress) -> Iterator[TimeCut]:
    """Fits the recipe of the plan before each cut, and yields its metrics after it, until the plan stops.

    Raises:
        TrainingError: When a fit or a metric is not possible.
    """
    for number, split in enumerate(splits, 1):
        progress.step(f"cut {number} of {len(splits)}: fitting on {len(split.train):,} rows")
        fitted = fit(model, split.train, plan.alone())
        if plan.stopping():
            return
        outputs = fitted.outputs(split.test)
        start, end = split.test.period
        yield TimeCut(
            start=start,
            end=end,
            train_rows=len(split.train),
            test_rows=len(split.test),
            metrics={
                situation: compute_metrics(model.task, split.test.target, output)
                for situation, output in outputs.items()
            },
        )


def _check_labels(model: Model, part: Dataset, number: int) -> None:
    counts = np.bincount(part.target, minlength=len(model.labels))
    if not counts.all():
        start, end = part.period
        missing = model.labels[int(np.argmin(counts))]
        raise TrainingError(
            f"Cut {number} has no row with the label {missing!r} from {start} to {end}: give --cuts fewer."
        )
