"""The SageMaker API: its operations on models, endpoints, jobs and the model registry."""
