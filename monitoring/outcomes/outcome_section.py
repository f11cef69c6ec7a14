"""Section of the monitor's page about outcomes, as HTML."""

import html
from collections.abc import Iterator, Sequence

from monitoring.outcomes.outcome_report import LiveMetric, OutcomeReport

_HEADINGS = ("metric", "live", "95 % interval over days", "promised", "")


def outcome_section(report: OutcomeReport) -> str:
    """Returns the section."""
    return "\n".join(_parts(report))


def _parts(report: OutcomeReport) -> Iterator[str]:
    yield "<h2>Outcomes</h2>"
    yield f'<p class="{"alarm" if report.is_alarm else ""}">{html.escape(report.sentence)}</p>'
    if report.metrics:
        yield _table(report.metrics)
        yield f"<p>{report.rows:,} outcomes of requests from {report.start} to {report.end}.</p>"
        yield f'<p class="muted">Promised by the manifest, measured on: {html.escape(report.promise)}</p>'
    left_out = [f"{count:,} {text}" for count, text in _left_out(report) if count]
    if left_out:
        yield f"<p>Of {report.outcomes:,} outcomes: {', '.join(left_out)}.</p>"
    if report.is_partial:
        yield "<p>The time of the run was over before the oldest captured requests were read.</p>"
    if report.bad:
        named = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in report.bad_rows)
        yield f"<p>{report.bad:,} rows are no outcomes, such as:</p><ul>{named}</ul>"


def _left_out(report: OutcomeReport) -> Iterator[tuple[int, str]]:
    yield report.not_captured, "have no captured request"
    yield report.without_prediction, "have a captured request without a prediction of their row"
    yield report.of_other_versions, "are of predictions of other versions"


def _table(metrics: Sequence[LiveMetric]) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
    rows = "".join(map(_row, metrics))
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table of the metrics">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(metric: LiveMetric) -> str:
    interval = "" if metric.low is None else f"{_number(metric.low)} to {_number(metric.high)}"
    verdict = "worse than promised" if metric.is_broken else ""
    cells = (_number(metric.live), interval, _number(metric.promised), verdict)
    return (
        f'<tr><th scope="row">{html.escape(metric.name)}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
