"""SageMaker hosting on this machine: an endpoint is a real serving process."""
