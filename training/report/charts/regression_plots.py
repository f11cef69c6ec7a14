"""Plots of a regression: predicted against true values, and the errors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.split import evenly
from training.report.charts.chart import (
    HISTOGRAM_BINS,
    MUTED,
    PLOT_HEIGHT,
    SERIES,
    Chart,
    finished_chart,
    new_figure,
)

SCATTER_POINTS = 1_000


def draw_predicted(target: NDArray[Any], predicted: NDArray[Any]) -> Chart:
    """Draws predicted against true values of at most 1,000 rows."""
    rows = evenly(len(target), SCATTER_POINTS)
    figure, axes = new_figure(PLOT_HEIGHT)
    ends = [min(target.min(), predicted.min()), max(target.max(), predicted.max())]
    axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(target[rows], predicted[rows], "o", color=SERIES[0], markersize=3, alpha=0.5)
    axes.set(xlabel="true value", ylabel="predicted value")
    return finished_chart(
        figure,
        name="predicted",
        caption=f"Predicted against true values of {len(rows):,} rows; on the dashed line both are equal.",
    )


def draw_errors(target: NDArray[Any], predicted: NDArray[Any]) -> Chart:
    """Draws a histogram of the errors."""
    figure, axes = new_figure(PLOT_HEIGHT)
    shares, edges = np.histogram(predicted - target, HISTOGRAM_BINS)
    axes.stairs(shares / len(target), edges, color=SERIES[0], fill=True, alpha=0.5)
    axes.set(xlabel="predicted minus true value", ylabel="share of rows")
    return finished_chart(figure, name="errors", caption="Distribution of the errors.")
