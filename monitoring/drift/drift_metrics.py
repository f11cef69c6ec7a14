"""CloudWatch metrics of the monitor: their names, and their values of a report."""

from collections.abc import Mapping

from monitoring.drift.drift_report import DriftReport

# Namespace of the stack's own metrics.
DRIFT_NAMESPACE = "Predictions"
DRIFT_DIMENSION = "Model"

# Number of fields that drifted, the predictions among them. The alarm is on this metric.
DRIFTED_FIELDS = "DriftedFields"
# Largest difference in multiples of what is quiet.
DRIFT_SEVERITY = "DriftSeverity"
# Number of rows of the window.
WINDOW_ROWS = "WindowRows"


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
