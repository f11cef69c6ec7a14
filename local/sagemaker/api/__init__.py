"""The SageMaker API: its operations on models, endpoint configurations, endpoints and training jobs."""
