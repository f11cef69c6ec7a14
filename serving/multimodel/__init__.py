"""SageMaker's multi-model API."""
