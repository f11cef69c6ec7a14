"""Curves of a classifier: ROC, precision and recall, calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from training.evaluation.ranking_metrics import CALIBRATION_BINS, Ranking
from training.model import Model
from training.report.charts.chart import (
    HISTOGRAM_BINS,
    MARKS,
    MUTED,
    PLOT_HEIGHT,
    SERIES,
    Chart,
    finished_chart,
    legend,
    new_figure,
)

CURVE_POINTS = 300


@dataclass(frozen=True, kw_only=True)
class CurveSeries:
    """Rankings of the test rows, one for each series of a chart.

    Attributes:
        target: Name of the positive label in texts.
        rankings: Test rows sorted by score, by name of the series.
    """

    target: str
    rankings: Mapping[str, Ranking]

    @property
    def rate(self) -> float:
        """Share of positive rows."""
        return float(next(iter(self.rankings.values())).positive.mean())


def series_by_situation(model: Model, rankings: Mapping[str, Ranking]) -> CurveSeries:
    """Returns one series for each situation of a binary model."""
    described = {situation.description: rankings[situation.name] for situation in model.situations}
    return CurveSeries(target=f"“{model.labels[1]}”", rankings=described)


def series_by_label(model: Model, target: NDArray[Any], output: NDArray[Any]) -> CurveSeries:
    """Returns one series for each label of a multiclass model, against all other labels."""
    rankings = {
        label: Ranking(target == number, output[:, number])
        for number, label in enumerate(model.labels[: len(SERIES)])
    }
    return CurveSeries(target="the label", rankings=rankings)


def draw_roc(curves: CurveSeries) -> Chart:
    """Draws ROC curves."""
    figure, axes = new_figure(PLOT_HEIGHT)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for colour, (name, ranking) in zip(SERIES, curves.rankings.items(), strict=False):
        true, false = ranking.counts()
        kept = thinned(len(true))
        axes.plot(
            false[kept] / false[-1],
            true[kept] / true[-1],
            color=colour,
            label=f"{name}, area {ranking.roc_auc():.3f}",
        )
    _square(axes, "false positive rate", f"true positive rate of {curves.target}")
    legend(axes, loc="lower right")
    return finished_chart(
        figure,
        name="roc",
        caption=f"ROC curve: true positive rate of {curves.target} against the false positive rate. "
        "The dashed line is a random guess.",
    )


def draw_precision_recall(curves: CurveSeries) -> Chart:
    """Draws precision against recall."""
    figure, axes = new_figure(PLOT_HEIGHT)
    axes.axhline(curves.rate, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for colour, (name, ranking) in zip(SERIES, curves.rankings.items(), strict=False):
        true, false = (counts[1:] for counts in ranking.counts())
        # Precision on the first few rows jumps between 0 and 1, so they are left out.
        start = int(np.searchsorted(true + false, min(len(ranking) / 500, 50)))
        kept = start + thinned(len(true) - start)
        axes.plot(
            true[kept] / true[-1],
            true[kept] / (true[kept] + false[kept]),
            color=colour,
            label=f"{name}, average precision {ranking.average_precision():.3f}",
        )
    _square(axes, f"recall of {curves.target}", "precision")
    legend(axes)
    return finished_chart(
        figure,
        name="precision_recall",
        caption="Precision against recall. The dashed line is the share of "
        f"{curves.target} among all rows, {curves.rate:.1%}.",
    )


def draw_calibration(curves: CurveSeries) -> Chart:
    """Draws observed shares against predicted probabilities, above a histogram of the probabilities."""
    figure, (upper, lower) = new_figure(
        PLOT_HEIGHT + 0.9, rows=2, sharex=True, gridspec_kw={"height_ratios": [3.2, 1]}
    )
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for colour, mark, (name, ranking) in zip(SERIES, MARKS, curves.rankings.items(), strict=False):
        predicted, observed = _reliability(ranking)
        upper.plot(predicted, observed, color=colour, marker=mark, markersize=4.5, linewidth=1.2, label=name)
        shares, edges = np.histogram(ranking.score, HISTOGRAM_BINS, (0, 1))
        lower.stairs(shares / len(ranking), edges, color=colour, linewidth=1.3)
    upper.set(ylabel=f"observed share of {curves.target}", ylim=(0, 1))
    lower.set(xlabel=f"predicted probability of {curves.target}", ylabel="rows", xlim=(0, 1))
    for axis in (upper.yaxis, lower.yaxis, lower.xaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    legend(upper, loc="upper left")
    return finished_chart(
        figure,
        name="calibration",
        caption="Calibration: observed share against predicted probability of ten groups of about equal "
        "size. On the dashed line both are equal. Below: the distribution of the predicted probabilities.",
    )


def thinned(points: int) -> NDArray[np.intp]:
    """Returns at most 300 evenly spaced positions, both ends included, to keep the page small."""
    return np.unique(np.linspace(0, points - 1, min(points, CURVE_POINTS)).astype(np.intp))


def _reliability(ranking: Ranking) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    bins = ranking.calibration()
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    filled = counts > 0
    sums = [
        np.bincount(bins, weights=w, minlength=CALIBRATION_BINS) for w in (ranking.score, ranking.positive)
    ]
    return sums[0][filled] / counts[filled], sums[1][filled] / counts[filled]


def _square(axes: Axes, xlabel: str, ylabel: str) -> None:
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, 1), ylim=(0, 1.01))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
