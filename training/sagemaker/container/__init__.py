"""SageMaker's training container contract."""
