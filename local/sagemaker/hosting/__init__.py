"""SageMaker hosting on this machine: each endpoint is a serving process."""
