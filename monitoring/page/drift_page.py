"""HTML page of a drift report."""

import html
from collections.abc import Iterable
from pathlib import Path

from monitoring.drift.drift_report import DriftReport, FieldDrift, WindowSummary
from monitoring.drift.field_comparison import percent
from monitoring.drift.stability_index import FEWEST_EXPECTED
from monitoring.page.field_chart import field_chart

_STYLESHEET = Path(__file__).with_name("style.css")
_TITLES = {
    "quiet": "No drift",
    "drift": "Drift",
    "too_few_rows": "Too few rows",
    "no_reference": "No reference",
}


def drift_page(report: DriftReport, *, outcomes: str = "") -> str:
    """Returns the page: what drifted, the most drifted first; a chart for each field; the window.

    Args:
        report: The report.
        outcomes: Section about outcomes, as HTML.
    """
    title = f"{_TITLES[report.status]}: {report.model}"
    parts = [
        f"<header><h1>{_text(title)}</h1>",
        f'<p class="muted">Version {_text(report.version)}, {_range(report.window)}</p></header>',
        f'<p class="{"alarm" if report.is_alarm else ""}">{_text(report.sentence)}</p>',
        *_findings(report),
        outcomes,
        *_charts(report.fields),
        *_table(report.fields),
        *_window(report.window),
    ]
    style = _STYLESHEET.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _findings(report: DriftReport) -> Iterable[str]:
    alarms = [found for field in report.drifted for found in field.findings if found.is_alarm]
    remarks = [found for field in report.fields for found in field.findings if not found.is_alarm]
    for title, listed in (
        ("What drifted, the most first", alarms),
        ("Differences without an alarm", remarks),
    ):
        if listed:
            yield f"<h2>{title}</h2><ul>"
            yield from (
                f"<li>{_text(found.sentence)} That is {found.severity:.2g} times what is quiet.</li>"
                for found in listed
            )
            yield "</ul>"


def _charts(fields: Iterable[FieldDrift]) -> Iterable[str]:
    drawn = [field for field in fields if len(field.bars) > 1]
    if not drawn:
        return
    yield (
        '<h2>Fields</h2><p class="muted"><span class="key reference"></span>training rows'
        '<span class="key window"></span>rows of the window</p><div class="charts">'
    )
    for field in drawn:
        state = "drifted" if field.severity else ""
        yield (
            f'<figure class="{state}"><h3>{_text(field.name)}</h3>{field_chart(field.name, field.bars)}'
            f"<figcaption>{_text(_caption(field))}</figcaption></figure>"
        )
    yield "</div>"


def _caption(field: FieldDrift) -> str:
    missing = (
        f"Missing in {percent(field.missing)} of the rows, in training {percent(field.missing_reference)}."
    )
    if not field.allowed:
        return f"{field.rows:,} values{_why_not_compared(field)}. {missing}"
    index = f"Stability index {field.distance:.2f}, quiet up to {field.allowed:.2f}."
    return f"{field.rows:,} values. {index} {missing}"


def _why_not_compared(field: FieldDrift) -> str:
    if field.type == "date":
        return ""
    # With fewer independent rows, there are no two bins with enough of them.
    if field.rows and field.effective_rows < 2 * FEWEST_EXPECTED:
        return ", not compared: the days of the window differ too much among themselves"
    return ", whose distribution is not compared"


def _table(fields: Iterable[FieldDrift]) -> Iterable[str]:
    rows = [
        f'<tr><th scope="row">{_text(field.name)}</th><td>{field.rows:,}</td><td>{_index(field)}</td>'
        f"<td>{percent(field.missing)}</td><td>{percent(field.missing_reference)}</td>"
        f"<td>{percent(field.outside)}</td></tr>"
        for field in fields
    ]
    if rows:
        headings = ("field", "values", "index (quiet up to)", "missing", "in training", "never seen")
        head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
        yield (
            '<h2>Figures</h2><div class="scroll" tabindex="0" role="region" aria-label="Table of the fields">'
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )


def _index(field: FieldDrift) -> str:
    return f"{field.distance:.3f} ({field.allowed:.2f})" if field.allowed else "not compared"


def _window(window: WindowSummary) -> Iterable[str]:
    calls = window.calls
    pairs = {
        "rows": f"{window.rows:,}{', a sample of the calls' if window.is_sample else ''}",
        "captured calls": f"{calls.captured:,}",
        "refused": f"{calls.refused:,}",
        "health checks": f"{calls.checks:,}",
        "of other models": f"{calls.of_other_models:,}",
        "unreadable lines": f"{calls.unreadable:,}",
        "versions": ", ".join(
            f"{version or 'not stated'}: {rows:,} rows" for version, rows in window.versions.items()
        ),
    }
    yield "<h2>Window</h2><dl>"
    yield from (f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in pairs.items() if value != "0")
    yield "</dl>"


def _range(window: WindowSummary) -> str:
    if not window.start:
        return "no rows"
    return f"{window.rows:,} rows from {_minute(window.start)} to {_minute(window.end)} UTC"


def _minute(time: str) -> str:
    return _text(time[:16].replace("T", " "))


def _text(value: str) -> str:
    return html.escape(value)
