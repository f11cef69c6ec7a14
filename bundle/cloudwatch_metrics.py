"""CloudWatch metrics that Lambda functions write into their logs, and how often one writes captures."""

NAMESPACE = "Predictions"
DIMENSION = "FunctionName"
VERSION = "FunctionVersion"

# Counts of bundles in S3 that were loaded, and of those that could not be served.
RELOADED = "BundlesReloaded"
REFUSED = "BundlesRefused"
# Of each version: 1 for a request that got a problem document with a status below 500, 0 for any other.
REQUESTS_REFUSED = "RequestsRefused"
# Count of captured requests that could not be written.
CAPTURES_LOST = "CapturesLost"
# A request to write costs as much as 25 calls of a function, so an environment writes a batch of captures.
CAPTURE_WRITE_SECONDS = 60.0

# Of the monitor: number of fields that drifted, the predictions among them.
DRIFTED_FIELDS = "DriftedFields"
# Largest difference in multiples of what is quiet.
DRIFT_SEVERITY = "DriftSeverity"
# Number of rows of the window.
WINDOW_ROWS = "WindowRows"
# 1 when outcomes are worse than the manifest promises, 0 when they are not.
PROMISE_BROKEN = "PromiseBroken"
# Number of outcomes with a captured prediction.
OUTCOMES_JOINED = "OutcomesJoined"
# Metric of the manifest -> metric of the outcomes.
OUTCOME_METRICS = {
    "roc_auc": "LiveRocAuc",
    "brier_score": "LiveBrierScore",
    "calibration_error": "LiveCalibrationError",
    "accuracy": "LiveAccuracy",
    "r2": "LiveR2",
    "mean_absolute_error": "LiveMeanAbsoluteError",
}
