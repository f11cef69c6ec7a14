"""MiniStack's CloudWatch in the process of the test, empty before and after it."""

from collections.abc import Iterator

import pytest
from ministack.services import cloudwatch


@pytest.fixture
def empty_cloudwatch() -> Iterator[None]:
    cloudwatch.reset()
    yield
    cloudwatch.reset()
