"""SageMaker training on this machine: a job's instances are real processes."""
