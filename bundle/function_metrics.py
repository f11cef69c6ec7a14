"""CloudWatch metrics that a model's Lambda function writes into its log."""

NAMESPACE = "Predictions"
DIMENSION = "FunctionName"
VERSION = "FunctionVersion"

# Counts of bundles in S3 that were loaded, and of those that could not be served.
RELOADED = "BundlesReloaded"
REFUSED = "BundlesRefused"
# Of each version: 1 for a request that got a problem document with a status below 500, 0 for any other.
REQUESTS_REFUSED = "RequestsRefused"
