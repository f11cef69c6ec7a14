"""CloudWatch metrics that a model's Lambda function writes into its log, and how often it writes captures."""

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
