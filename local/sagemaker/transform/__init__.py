"""SageMaker batch transform on this machine: each instance of a job is a serving process."""
