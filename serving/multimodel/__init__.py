"""SageMaker's multi-model API: loads, lists, invokes and unloads models while the server runs."""
