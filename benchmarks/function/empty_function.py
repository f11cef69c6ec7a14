"""A function without work, which measures the overhead of Lambda's runtime client."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  # Lambda passes two
    """Returns the same response to every event."""
    return {"statusCode": 200}
