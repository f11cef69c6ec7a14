"""Handler of the monitor's Lambda function.

Environment, in addition to Lambda's own variables:
    MODEL_DATA_URL: S3 URI of the bundle that serves.
    BUCKET: Name of the artifact bucket.
    CAPTURES: Prefix of the captured data.
    OUTCOMES: Prefix of the files of outcomes.
    PAGES: Prefix of the pages that it writes.
    WINDOW_HOURS: Hours of a window.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from bundle.cloudwatch_metrics import OUTCOME_METRICS, OUTCOMES_JOINED, PROMISE_BROKEN
from monitoring.drift.drift_metrics import metric_values
from monitoring.outcomes.outcome_report import OutcomeReport
from monitoring.outcomes.outcome_section import outcome_section
from monitoring.page.drift_page import drift_page
from monitoring.scheduled.monitor_bucket import MonitorBucket
from monitoring.scheduled.monitor_run import MonitorRun
from serving.lambda_function.embedded_metric import metric_line

# Captures are written in batches, some when an environment ends.
_DELAY = timedelta(minutes=15)


def handler(event: object, _context: object) -> dict[str, Any]:
    """Compares the newest window, and publishes metrics and page.

    Args:
        event: A scheduled event of EventBridge, whose window ends a quarter of an hour before it; or an
            object with `end` (ISO 8601); or any other, for a window that ends now.

    Returns:
        The results, and the key of the page.

    Raises:
        CapturesError: The captured data cannot be read.
        BundleError: The bundle cannot be read.
    """
    environ = os.environ
    end = end_of(event, now=datetime.now(UTC))
    bucket = MonitorBucket(boto3.client("s3"), environ["BUCKET"])
    run = MonitorRun(
        bucket=bucket,
        captures=environ["CAPTURES"],
        outcomes=environ["OUTCOMES"],
        start=end - timedelta(hours=float(environ["WINDOW_HOURS"])),
        end=end,
    )
    manifest = bucket.read_manifest(environ["MODEL_DATA_URL"])
    drift, quality = run.drift(manifest), run.live_quality(manifest)
    folder = f"{environ['PAGES']}{end:%Y-%m-%dT%H-%M}/"
    bucket.write(f"{folder}drift.json", drift.encode(), content_type="application/json")
    bucket.write(f"{folder}outcomes.json", quality.encode(), content_type="application/json")
    page = drift_page(drift, outcomes=outcome_section(quality)).encode()
    for key in (f"{folder}index.html", f"{environ['PAGES']}index.html"):
        bucket.write(key, page, content_type="text/html; charset=utf-8")
    for name, value in {**metric_values(drift), **outcome_values(quality)}.items():
        function = environ["AWS_LAMBDA_FUNCTION_NAME"]
        print(metric_line("info", "monitor", function=function, metric=name, value=value, unit="None"))
    return {
        "drift": drift.status,
        "drift_sentence": drift.sentence,
        "outcomes": quality.status,
        "outcomes_sentence": quality.sentence,
        "page": f"{folder}index.html",
    }


def end_of(event: object, *, now: datetime) -> datetime:
    """Returns the end of the window."""
    given: Mapping[str, Any] = event if isinstance(event, dict) else {}
    if "end" in given:
        return datetime.fromisoformat(given["end"]).astimezone(UTC)
    if given.get("detail-type") == "Scheduled Event":
        return datetime.fromisoformat(given["time"]).astimezone(UTC) - _DELAY
    return now


def outcome_values(report: OutcomeReport) -> Mapping[str, float]:
    """Returns the values of a report's metrics by name; the alarm's alone when there is a verdict."""
    values = {OUTCOMES_JOINED: float(report.rows)}
    values |= dict(_live_values(report))
    if report.status in ("kept", "broken"):
        values[PROMISE_BROKEN] = float(report.is_alarm)
    return values


def _live_values(report: OutcomeReport) -> Iterator[tuple[str, float]]:
    for metric in report.metrics:
        if metric.live is not None:
            yield OUTCOME_METRICS[metric.name], metric.live
