"""Drawings of how a classifier ranks rows, and whether its probabilities come true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from training.evaluation.ranking import CALIBRATION_BINS, Ranking
from training.model import Model
from training.report.charts.chart import MARKS, MUTED, SERIES, Chart, chart, drawing, legend

POINTS = 300
HISTOGRAM_BINS = 40
HEIGHT = 4.4


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """The test rows ranked in several ways, each ranked once for all drawings.

    Attributes:
        found: What is looked for, for people.
        rankings: By what tells them apart.
    """

    found: str
    rankings: Mapping[str, Ranking]

    @property
    def rate(self) -> float:
        """The share of positives."""
        return float(next(iter(self.rankings.values())).positive.mean())


def ranked_by_situation(model: Model, rankings: Mapping[str, Ranking]) -> Ranked:
    """A binary model's answers in each situation."""
    described = {situation.description: rankings[situation.name] for situation in model.situations}
    return Ranked(found=f"“{model.labels[1]}”", rankings=described)


def ranked_by_label(model: Model, target: NDArray[Any], output: NDArray[Any]) -> Ranked:
    """A multiclass model's answers, each label against all others."""
    rankings = {
        label: Ranking(target == number, output[:, number])
        for number, label in enumerate(model.labels[: len(SERIES)])
    }
    return Ranked(found="the label", rankings=rankings)


def draw_roc(ranked: Ranked) -> Chart:
    """The ROC curves."""
    figure, axes = drawing(HEIGHT)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for colour, (name, ranking) in zip(SERIES, ranked.rankings.items(), strict=False):
        true, false = ranking.counts()
        kept = thinned(len(true))
        axes.plot(
            false[kept] / false[-1],
            true[kept] / true[-1],
            color=colour,
            label=f"{name}, area {ranking.roc_auc():.3f}",
        )
    _square(axes, "false alarms among the others", f"{ranked.found} found")
    legend(axes, loc="lower right")
    return chart(
        figure,
        name="roc",
        caption=f"ROC. How much of {ranked.found} is found, at what share of false alarms. "
        "The dashed line is a coin.",
    )


def draw_precision_recall(ranked: Ranked) -> Chart:
    """Precision against recall."""
    figure, axes = drawing(HEIGHT)
    axes.axhline(ranked.rate, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for colour, (name, ranking) in zip(SERIES, ranked.rankings.items(), strict=False):
        true, false = (counts[1:] for counts in ranking.counts())
        # The first few rows alone say nothing: their precision jumps between 0 and 1.
        start = int(np.searchsorted(true + false, min(len(ranking) / 500, 50)))
        kept = start + thinned(len(true) - start)
        axes.plot(
            true[kept] / true[-1],
            true[kept] / (true[kept] + false[kept]),
            color=colour,
            label=f"{name}, on average {ranking.average_precision():.3f}",
        )
    _square(axes, f"{ranked.found} found (recall)", "right among those named (precision)")
    legend(axes)
    return chart(
        figure,
        name="precision_recall",
        caption="Precision and recall. The dashed line is the share of "
        f"{ranked.found} in all rows, {ranked.rate:.1%}.",
    )


def draw_calibration(ranked: Ranked) -> Chart:
    """Predicted probability against what came true, above how often each was predicted."""
    figure, (upper, lower) = drawing(
        HEIGHT + 0.9, rows=2, sharex=True, gridspec_kw={"height_ratios": [3.2, 1]}
    )
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for colour, mark, (name, ranking) in zip(SERIES, MARKS, ranked.rankings.items(), strict=False):
        predicted, came = _reliability(ranking)
        upper.plot(predicted, came, color=colour, marker=mark, markersize=4.5, linewidth=1.2, label=name)
        shares, edges = np.histogram(ranking.score, HISTOGRAM_BINS, (0, 1))
        lower.stairs(shares / len(ranking), edges, color=colour, linewidth=1.3)
    upper.set(ylabel=f"{ranked.found} came true", ylim=(0, 1))
    lower.set(xlabel=f"predicted probability of {ranked.found}", ylabel="rows", xlim=(0, 1))
    for axis in (upper.yaxis, lower.yaxis, lower.xaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    legend(upper, loc="upper left")
    return chart(
        figure,
        name="calibration",
        caption="Calibration. Ten equally large groups of rows by predicted probability: on the dashed line "
        "probabilities come true as often as they say. Below, how often each was predicted.",
    )


def thinned(points: int) -> NDArray[np.intp]:
    """Positions of so few points that a page stays small, both ends among them."""
    return np.unique(np.linspace(0, points - 1, min(points, POINTS)).astype(np.intp))


def _reliability(ranking: Ranking) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    bins = ranking.calibration()
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    filled = counts > 0
    sums = [
        np.bincount(bins, weights=w, minlength=CALIBRATION_BINS) for w in (ranking.score, ranking.positive)
    ]
    return sums[0][filled] / counts[filled], sums[1][filled] / counts[filled]


def _square(axes: Axes, across: str, up: str) -> None:
    axes.set(xlabel=across, ylabel=up, xlim=(0, 1), ylim=(0, 1.01))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
