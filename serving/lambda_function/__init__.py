"""Lambda function: the bundle from S3, its reload after a change, and the metrics of reloads."""
