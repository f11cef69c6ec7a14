"""MiniStack's CloudWatch in the process of the test."""

from tests.local.cloudwatch.conftest import empty_cloudwatch

__all__ = ["empty_cloudwatch"]
