"""Differences of the primary metric in the parts of the rows: the slices of the model."""

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate
from training.evaluation.metrics import PRIMARY_METRIC
from training.evaluation.slice_metrics import SLICE_DRAWS, primary_by_part, row_scores
from training.judging.differences import Difference
from training.model import Model

# Chance that an interval of all parts together misses its true value.
_MISSED = 0.05

SituationOutputs = Mapping[str, NDArray[Any]]


class PartDifference(Difference, frozen=True, kw_only=True):
    """The difference in one part of the rows, in one situation.

    Its interval is a simultaneous one: the chance that any interval of all parts misses its true difference
    is 5 %.

    Attributes:
        slice: Title of the slice, such as "carrier".
        part: Name of the part.
        situation: Description of the situation.
        rows: Number of rows.
        metric: Name of the metric.
    """

    slice: str
    part: str
    situation: str
    rows: int
    metric: str

    @property
    def own_loss(self) -> MetricEstimate:
        """How much worse the challenger is in the part."""
        return self.loss(self.metric)


def slice_differences(
    model: Model, rows: Dataset, champion: SituationOutputs, challenger: SituationOutputs, *, fewest_rows: int
) -> tuple[PartDifference, ...]:
    """Compares the primary metric in each shown part of the model's slices, in each situation.

    Parts with too few rows (of either label, too), or of one day only, have no difference.

    Returns:
        The parts, the one that loses most beyond noise first.
    """
    bootstrap = ClusterBootstrap(rows, draws=SLICE_DRAWS)
    found = []
    for situation in model.situations:
        outputs = (champion[situation.name], challenger[situation.name])
        scores = [row_scores(model.task, rows.target, output) for output in outputs]
        for slice_ in model.slices:
            if any(field not in rows.columns for field in slice_.fields):
                continue
            codes, names = slice_.parts(rows)
            counts = np.bincount(codes[codes >= 0], minlength=len(names))
            shown = [part for part in slice_.shown(counts, names) if counts[part] >= fewest_rows]
            one, two = (primary_by_part(score, codes, shown, bootstrap) for score in scores)
            found += [
                (slice_.title, names[part], situation.description, int(counts[part]), one[part], two[part])
                for part in shown
                if part in one and part in two and len(one[part][1])
            ]
    # One-sided in each direction, for all parts together.
    width = NormalDist().inv_cdf(1 - _MISSED / 2 / max(len(found), 1))
    parts = [_part(PRIMARY_METRIC[model.task], width, *one) for one in found]
    return tuple(sorted(parts, key=lambda part: (-part.own_loss.low, part.slice, part.part, part.situation)))


def _part(
    metric: str,
    width: float,
    title: str,
    name: str,
    situation: str,
    rows: int,
    champion: tuple[float, NDArray[np.float64]],
    challenger: tuple[float, NDArray[np.float64]],
) -> PartDifference:
    value = champion[0] - challenger[0]
    error = width * float(np.nanstd(champion[1] - challenger[1]))
    estimate = MetricEstimate(value, value - error, value + error)
    difference = Difference.of(champion[0], challenger[0], estimate)
    return PartDifference(
        **msgspec.structs.asdict(difference),
        slice=title,
        part=name,
        situation=situation,
        rows=rows,
        metric=metric,
    )
