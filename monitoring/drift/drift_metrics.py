"""Values of the monitor's CloudWatch metrics of a report."""

from collections.abc import Mapping

from bundle.cloudwatch_metrics import DRIFT_SEVERITY, DRIFTED_FIELDS, WINDOW_ROWS
from monitoring.drift.drift_report import DriftReport


def metric_values(report: DriftReport) -> Mapping[str, float]:
    """Returns the values of a report's metrics by name; rows alone when nothing was compared."""
    rows = {WINDOW_ROWS: float(report.window.rows)}
    if report.status not in ("quiet", "drift"):
        return rows
    drifted = report.drifted
    return rows | {
        DRIFTED_FIELDS: float(len(drifted)),
        DRIFT_SEVERITY: max((field.severity for field in drifted), default=0.0),
    }
