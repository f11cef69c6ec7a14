"""Page of one run of the monitor: drift, and outcomes."""

import html

from monitoring.drift.drift_report import DriftReport
from monitoring.outcomes.outcome_report import OutcomeReport
from monitoring.outcomes.outcome_section import outcome_section


def render_page(drift: DriftReport, quality: OutcomeReport) -> str:
    """Returns the page, a file that needs no other."""
    title = html.escape(f"Monitor of {drift.model} {drift.version}")
    findings = "".join(
        f"<li>{html.escape(finding.sentence)}</li>"
        for field in drift.fields
        for finding in field.findings
        if finding.is_alarm
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<h1>{title}</h1>\n<h2>Drift</h2><p>{html.escape(drift.sentence)}</p><ul>{findings}</ul>\n"
        f"{outcome_section(quality)}\n</body></html>\n"
    )
