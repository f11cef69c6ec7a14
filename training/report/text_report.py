"""Report of a training job as text for a terminal."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from training.evaluation.manifest_metrics import BASELINE
from training.report.metric_titles import metric_title
from training.report.quantile_section import quantile_lines
from training.report.training_report import TrainingReport

LINE_WIDTH = 110
CELL_WIDTH = 14


def text_report(report: TrainingReport) -> str:
    """Returns the report as lines, with one row of metrics for each situation."""
    return "\n".join(_lines(report))


def _lines(report: TrainingReport) -> Iterator[str]:
    yield f"{report.model} {report.version}, trained in {report.seconds:g} s"
    for sentence in (*report.notes, *report.simplest, *report.warnings):
        yield textwrap.fill(sentence, LINE_WIDTH, initial_indent="  note       ", subsequent_indent=" " * 13)
    yield f"  data       {report.data}{_period(report)}"
    yield f"  rows       {report.train_rows:,} for training, {report.test_rows:,} for testing"
    if report.refitted_on:
        yield f"  bundle of  all {report.refitted_on:,} rows, fitted again; the figures are of the first fit"
    for reason, count in report.dropped.items():
        yield f"  dropped    {count:,} {reason}"
    yield from _table(report)
    yield from quantile_lines(report)
    yield from _cuts(report)
    yield textwrap.fill(report.split, LINE_WIDTH, initial_indent="  tested on  ", subsequent_indent=" " * 13)
    if report.threshold is not None:
        yield f"  threshold  {report.threshold:g}"
    if report.parameters:
        parameters = ", ".join(f"{name} {value}" for name, value in report.parameters.items())
        yield f"  chosen     {parameters}"
    yield f"  parity     differs by at most {report.difference:.1e} from the scikit-learn pipeline"
    yield f"  bundle     {report.path} ({report.bytes / 1024:,.0f} KiB)"
    if report.page:
        yield f"  report     {report.page}"
    if report.trouble:
        yield f"  report     not written, but the bundle is complete and verified: {report.trouble}"


def _period(report: TrainingReport) -> str:
    start, end = report.period
    return f", {start} to {end}" if start else ""


def _table(report: TrainingReport) -> Iterator[str]:
    names = [name.removesuffix(f"_{BASELINE}") for name in report.metrics if name.endswith(f"_{BASELINE}")]
    rows = [(description, suffix) for suffix, description in report.situations.items()]
    rows.append(("always the training rows' mean", f"_{BASELINE}"))
    width = max(len(title) for title, _ in rows) + 2
    yield _row("", map(metric_title, names), names, width)
    for title, suffix in rows:
        found = [report.estimate(f"{name}{suffix}") for name in names]
        yield _row(title, (f"{estimate.value:.4f}" for estimate in found), names, width)
        if found[0].has_interval:
            yield _row("  95 % interval", (f"{e.low:.3f} to {e.high:.3f}" for e in found), names, width)
        if f"{names[0]}{suffix}" in report.linear:
            linear = (f"{report.linear[f'{name}{suffix}']:.4f}" for name in names)
            yield _row("  linear baseline", linear, names, width)
    if "base_rate" in report.metrics:
        yield f"  base rate  {report.metrics['base_rate']:.4f}"


def _cuts(report: TrainingReport) -> Iterator[str]:
    """Yields one line for each cut in time and situation."""
    if not report.cuts:
        return
    yield "  cuts in time, each fitted on the rows before it:"
    names = list(next(iter(report.cuts[0].metrics.values())))
    titles = [*report.situations.values()]
    rows = [
        (f"{cut.start} to {cut.end}, {title}", found)
        for cut in report.cuts
        for title, found in zip(titles, cut.metrics.values(), strict=True)
    ]
    width = max(len(title) for title, _ in rows) + 2
    yield _row("", map(metric_title, names), names, width)
    for title, found in rows:
        yield _row(title, (f"{found[name]:.4f}" for name in names), names, width)


def _row(title: str, cells: Iterable[str], names: Sequence[str], width: int) -> str:
    aligned = (f"{cell:>{max(len(name), CELL_WIDTH)}}" for cell, name in zip(cells, names, strict=True))
    return f"  {title:{width}}" + "  ".join(aligned)
