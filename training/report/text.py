"""What came of a training job, as people read it in a terminal."""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from training.evaluation.measure import BASELINE, suffix
from training.model import Model
from training.report.report import Report
from training.report.words import metric_title

WIDTH = 110
CELL = 14


def text(report: Report, model: Model) -> str:
    """The report, one line a situation the model was tested in."""
    return "\n".join(_lines(report, model))


def _lines(report: Report, model: Model) -> Iterator[str]:
    yield f"{report.model} {report.version}, trained in {report.seconds:g} s"
    yield f"  data       {report.data}{_period(report)}"
    yield f"  rows       {report.train_rows:,} to learn from, {report.test_rows:,} to test on"
    for reason, count in report.dropped.items():
        yield f"  dropped    {count:,} {reason}"
    yield from _table(report, model)
    yield textwrap.fill(report.split, WIDTH, initial_indent="  tested on  ", subsequent_indent=" " * 13)
    if report.threshold is not None:
        yield f"  threshold  {report.threshold:g}"
    if report.parameters:
        chosen = ", ".join(f"{name} {value}" for name, value in report.parameters.items())
        yield f"  chosen     {chosen}"
    yield f"  parity     {report.difference:.1e} at most from the scikit-learn pipeline on the rows compared"
    yield f"  bundle     {report.path} ({report.bytes / 1024:,.0f} KiB)"
    if report.page:
        yield f"  report     {report.page}"
    if report.trouble:
        yield f"  report     not written, while the bundle is right: {report.trouble}"


def _period(report: Report) -> str:
    start, end = report.period
    return f", {start} to {end}" if start else ""


def _table(report: Report, model: Model) -> Iterator[str]:
    names = [name.removesuffix(f"_{BASELINE}") for name in report.metrics if name.endswith(f"_{BASELINE}")]
    rows = [(situation.description, suffix(model, situation.name)) for situation in model.situations]
    rows.append(("always the training rows' mean", f"_{BASELINE}"))
    width = max(len(title) for title, _ in rows) + 2
    yield _row("", map(metric_title, names), names, width)
    for title, end in rows:
        found = [report.figure(f"{name}{end}") for name in names]
        yield _row(title, (f"{figure.value:.4f}" for figure in found), names, width)
        if not math.isnan(found[0].low):
            yield _row("  95 % interval", (f"{f.low:.3f} to {f.high:.3f}" for f in found), names, width)
        if f"{names[0]}{end}" in report.linear:
            linear = (f"{report.linear[f'{name}{end}']:.4f}" for name in names)
            yield _row("  a linear model", linear, names, width)
    if "base_rate" in report.metrics:
        yield f"  base rate  {report.metrics['base_rate']:.4f}"


def _row(title: str, cells: Iterable[str], names: Sequence[str], width: int) -> str:
    aligned = (f"{cell:>{max(len(name), CELL)}}" for cell, name in zip(cells, names, strict=True))
    return f"  {title:{width}}" + "  ".join(aligned)
