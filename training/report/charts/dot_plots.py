"""Dot plots with one line for each part of a slice or for each field."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from bundle import Task
from training.evaluation.metrics import PRIMARY_METRIC
from training.evaluation.slice_metrics import MIN_SLICE_ROWS, SliceMetrics, SlicePart
from training.model import Situation
from training.report.charts.chart import (
    MARKS,
    MUTED,
    SERIES,
    Chart,
    finished_chart,
    legend,
    new_figure,
)
from training.report.metric_titles import metric_title, sentence_case

# Inches.
LINE_HEIGHT, MARGIN = 0.27, 1.1
# Distance of the outer situations from a line's centre, in lines.
SERIES_SHIFT = 0.22


def draw_slice(slice_: SliceMetrics, task: Task, situations: Sequence[Situation]) -> Chart:
    """Draws the primary metric of each part of a slice, with intervals."""
    parts = [part for part in slice_.parts if part.rows]
    figure, axes = new_figure(_height(len(parts)))
    shifts = _shifts(len(situations))
    for colour, mark, shift, situation in zip(SERIES, MARKS, shifts, situations, strict=False):
        points = [
            (line + shift, part.estimates[situation.name])
            for line, part in enumerate(parts)
            if situation.name in part.estimates
        ]
        lines = [line for line, _ in points]
        axes.hlines(
            lines,
            [e.low for _, e in points],
            [e.high for _, e in points],
            color=colour,
            linewidth=1,
            alpha=0.6,
        )
        axes.plot(
            [e.value for _, e in points],
            lines,
            mark,
            color=colour,
            markersize=4,
            label=situation.description,
        )
    _lines(axes, [part.name for part in parts])
    is_partly = not all(part.estimates for part in parts)
    metric = metric_title(PRIMARY_METRIC[task])
    axes.set(xlabel=metric)
    legend(axes)
    return finished_chart(
        figure,
        name=_chart_name(slice_.title, "quality"),
        caption=f"{sentence_case(metric)} by {slice_.title}, with 95 % intervals"
        + (
            f"; no interval for parts with fewer than {MIN_SLICE_ROWS} rows (of either label)."
            if is_partly
            else "."
        ),
    )


def draw_means(slice_: SliceMetrics, what: str, *, is_share: bool) -> Chart:
    """Draws the target's mean in each part of a slice, of the training rows and of the test rows."""
    figure, axes = new_figure(_height(len(slice_.parts)))
    lines = np.arange(len(slice_.parts))
    train, test = (
        np.array([getattr(part, name) for part in slice_.parts]) for name in ("train_mean", "mean")
    )
    axes.hlines(lines, train, test, color=MUTED, linewidth=1, alpha=0.5)
    axes.plot(train, lines, "o", color=MUTED, markerfacecolor="none", markersize=4.5, label="training rows")
    axes.plot(test, lines, "o", color=SERIES[0], markersize=4.5, label="test rows")
    _lines(axes, [_counted(part) for part in slice_.parts])
    axes.set(xlabel=what)
    if is_share:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    legend(axes)
    return finished_chart(
        figure,
        name=_chart_name(slice_.title, "mean"),
        caption=f"{sentence_case(what)} by {slice_.title}; in brackets the number of test rows.",
    )


def draw_importance(
    losses: Mapping[str, Mapping[str, float]],
    situations: Sequence[Situation],
    metric: str,
    *,
    left_out: str = "",
) -> Chart:
    """Draws the permutation importance of each field, by situation; `left_out` says which have none."""
    largest: dict[str, float] = {}
    for by_field in losses.values():
        for field, loss in by_field.items():
            largest[field] = max(loss, largest.get(field, 0.0))
    fields = sorted(largest, key=lambda field: -largest[field])
    figure, axes = new_figure(_height(len(fields)))
    axes.axvline(0, color=MUTED, linewidth=1)
    shifts = _shifts(len(situations))
    for colour, mark, shift, situation in zip(SERIES, MARKS, shifts, situations, strict=False):
        points = [
            (line, losses[situation.name][f]) for line, f in enumerate(fields) if f in losses[situation.name]
        ]
        lines = [line + shift for line, _ in points]
        axes.hlines(lines, 0, [loss for _, loss in points], color=colour, linewidth=1, alpha=0.6)
        axes.plot(
            [loss for _, loss in points], lines, mark, color=colour, markersize=4, label=situation.description
        )
    _lines(axes, [field.replace("_", " ") for field in fields])
    axes.set(xlabel=f"loss of {metric}")
    legend(axes)
    return finished_chart(
        figure,
        name="importance",
        caption=f"Permutation importance: loss of {metric} when the values of a field are shuffled among the "
        f"rows. Correlated fields substitute each other.{left_out}",
    )


def _height(lines: int) -> float:
    return MARGIN + LINE_HEIGHT * max(lines, 3)


def _shifts(count: int) -> list[float]:
    return np.linspace(-SERIES_SHIFT, SERIES_SHIFT, count).tolist() if count > 1 else [0.0]


def _lines(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _counted(part: SlicePart) -> str:
    return f"{part.name} ({part.rows:,})"


def _chart_name(title: str, what: str) -> str:
    return f"{title.replace(' ', '_')}_{what}"
