"""Step Functions: executions act with the role of their state machine, and a Map writes its results to S3."""
