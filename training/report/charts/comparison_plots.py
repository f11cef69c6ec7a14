"""Plots that compare two models: differences with their intervals, and a metric by day."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from training.report.charts.chart import (
    MARKS,
    MUTED,
    PLOT_HEIGHT,
    SERIES,
    Chart,
    finished_chart,
    legend,
    new_figure,
)

# Inches.
_LINE_HEIGHT, _MARGIN = 0.27, 1.1


class NamedDifference(NamedTuple):
    """A difference with the ends of its interval, and what it is of."""

    name: str
    value: float
    low: float
    high: float


def draw_differences(differences: Sequence[NamedDifference], *, name: str, what: str, caption: str) -> Chart:
    """Draws one line for each difference, around zero."""
    figure, axes = new_figure(_MARGIN + _LINE_HEIGHT * max(len(differences), 3))
    axes.axvline(0, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    lines = range(len(differences))
    lows, highs = [one.low for one in differences], [one.high for one in differences]
    axes.hlines(lines, lows, highs, color=SERIES[0], linewidth=1, alpha=0.6)
    axes.plot([one.value for one in differences], lines, MARKS[0], color=SERIES[0], markersize=4)
    axes.set_yticks(lines, [one.name.replace("$", r"\$") for one in differences])
    axes.set_ylim(len(differences) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel=what)
    return finished_chart(figure, name=name, caption=caption)


def draw_days(
    days: NDArray[Any], series: Mapping[str, NDArray[Any]], *, name: str, what: str, caption: str
) -> Chart:
    """Draws one line for each model: a value for each day."""
    figure, axes = new_figure(PLOT_HEIGHT)
    for colour, mark, (title, values) in zip(SERIES, MARKS, series.items(), strict=False):
        axes.plot(days, values, color=colour, marker=mark, markersize=3, linewidth=1.2, label=title)
    axes.set(ylabel=what)
    axes.tick_params(axis="x", rotation=30)
    legend(axes)
    return finished_chart(figure, name=name, caption=caption)
