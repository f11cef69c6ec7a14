"""Starts a SageMaker training job and follows it."""
