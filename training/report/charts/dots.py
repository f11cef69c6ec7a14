"""Drawings of one figure a line: by part of the rows, and by field."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from training.evaluation.metrics import FOREMOST, Task
from training.evaluation.sliced import FEWEST, Part, Sliced
from training.model import Situation
from training.report.charts.chart import MARKS, MUTED, SERIES, Chart, chart, drawing, legend
from training.report.words import metric_title

LINE_HEIGHT, MARGIN = 0.27, 1.1
SPREAD = 0.22


def draw_slice(sliced: Sliced, task: Task, situations: Sequence[Situation]) -> Chart:
    """How good the model is in each part, with intervals."""
    parts = [part for part in sliced.parts if part.rows]
    figure, axes = drawing(_height(len(parts)))
    shifts = _shifts(len(situations))
    for colour, mark, shift, situation in zip(SERIES, MARKS, shifts, situations, strict=False):
        told = [
            (line + shift, part.figures[situation.name])
            for line, part in enumerate(parts)
            if situation.name in part.figures
        ]
        lines = [line for line, _ in told]
        axes.hlines(
            lines, [f.low for _, f in told], [f.high for _, f in told], color=colour, linewidth=1, alpha=0.6
        )
        axes.plot(
            [f.value for _, f in told],
            lines,
            mark,
            color=colour,
            markersize=4,
            label=situation.description,
        )
    _lines(axes, [part.name for part in parts])
    is_partly = not all(part.figures for part in parts)
    metric = metric_title(FOREMOST[task])
    axes.set(xlabel=metric)
    legend(axes)
    return chart(
        figure,
        name=_file(sliced.title, "quality"),
        caption=f"{metric[0].upper()}{metric[1:]} by {sliced.title}, with 95 % intervals"
        + (f"; none where fewer than {FEWEST} rows of a kind could tell." if is_partly else "."),
    )


def draw_means(sliced: Sliced, what: str, *, is_share: bool) -> Chart:
    """The target's mean in each part: of the training rows and of the test rows."""
    figure, axes = drawing(_height(len(sliced.parts)))
    lines = np.arange(len(sliced.parts))
    train, test = (
        np.array([getattr(part, name) for part in sliced.parts]) for name in ("train_mean", "mean")
    )
    axes.hlines(lines, train, test, color=MUTED, linewidth=1, alpha=0.5)
    axes.plot(
        train, lines, "o", color=MUTED, markerfacecolor="none", markersize=4.5, label="rows learned from"
    )
    axes.plot(test, lines, "o", color=SERIES[0], markersize=4.5, label="rows tested on")
    _lines(axes, [_counted(part) for part in sliced.parts])
    axes.set(xlabel=what)
    if is_share:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    legend(axes)
    return chart(
        figure,
        name=_file(sliced.title, "mean"),
        caption=f"{what[0].upper()}{what[1:]} by {sliced.title}; in brackets the rows tested on.",
    )


def draw_importance(
    losses: Mapping[str, Mapping[str, float]], situations: Sequence[Situation], metric: str
) -> Chart:
    """What is lost without each field, in each situation."""
    most: dict[str, float] = {}
    for found in losses.values():
        for field, loss in found.items():
            most[field] = max(loss, most.get(field, 0.0))
    fields = sorted(most, key=lambda field: -most[field])
    figure, axes = drawing(_height(len(fields)))
    axes.axvline(0, color=MUTED, linewidth=1)
    shifts = _shifts(len(situations))
    for colour, mark, shift, situation in zip(SERIES, MARKS, shifts, situations, strict=False):
        told = [
            (line, losses[situation.name][f]) for line, f in enumerate(fields) if f in losses[situation.name]
        ]
        lines = [line + shift for line, _ in told]
        axes.hlines(lines, 0, [loss for _, loss in told], color=colour, linewidth=1, alpha=0.6)
        axes.plot(
            [loss for _, loss in told], lines, mark, color=colour, markersize=4, label=situation.description
        )
    _lines(axes, [field.replace("_", " ") for field in fields])
    axes.set(xlabel=f"{metric} lost")
    legend(axes)
    return chart(
        figure,
        name="importance",
        caption=f"What matters: how much {metric} is lost when a field's values are dealt out among the "
        "rows anew. Fields that say the same stand in for each other.",
    )


def _height(lines: int) -> float:
    return MARGIN + LINE_HEIGHT * max(lines, 3)


def _shifts(count: int) -> list[float]:
    return np.linspace(-SPREAD, SPREAD, count).tolist() if count > 1 else [0.0]


def _lines(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _counted(part: Part) -> str:
    return f"{part.name} ({part.rows:,})"


def _file(title: str, what: str) -> str:
    return f"{title.replace(' ', '_')}_{what}"
