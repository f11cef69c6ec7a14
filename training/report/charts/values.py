"""Drawings of predicted values beside the right ones."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.split import evenly
from training.report.charts.chart import MUTED, SERIES, Chart, chart, drawing

POINTS = 1_000
BINS = 40
HEIGHT = 4.4


def draw_predicted(target: NDArray[Any], predicted: NDArray[Any]) -> Chart:
    """Predicted against right values of some of the rows."""
    rows = evenly(len(target), POINTS)
    figure, axes = drawing(HEIGHT)
    ends = [min(target.min(), predicted.min()), max(target.max(), predicted.max())]
    axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(target[rows], predicted[rows], "o", color=SERIES[0], markersize=3, alpha=0.5)
    axes.set(xlabel="right value", ylabel="predicted value")
    return chart(
        figure,
        name="predicted",
        caption=f"Predicted and right values of {len(rows):,} rows; on the dashed line both are the same.",
    )


def draw_errors(target: NDArray[Any], predicted: NDArray[Any]) -> Chart:
    """How often the prediction is off by how much."""
    figure, axes = drawing(HEIGHT)
    shares, edges = np.histogram(predicted - target, BINS)
    axes.stairs(shares / len(target), edges, color=SERIES[0], fill=True, alpha=0.5)
    axes.set(xlabel="predicted minus right value", ylabel="share of rows")
    return chart(figure, name="errors", caption="How often the prediction is off by how much.")
