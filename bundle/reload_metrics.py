"""CloudWatch metrics of a Lambda function that reloads its bundle from S3."""

NAMESPACE = "Predictions"
DIMENSION = "FunctionName"

# Counts of bundles in S3 that were loaded, and of those that could not be served.
RELOADED = "BundlesReloaded"
REFUSED = "BundlesRefused"
