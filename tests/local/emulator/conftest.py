"""A stack of an endpoint; modules whose stacks have other resources replace it."""

from collections.abc import Iterator

import pytest

from local.local_aws import LocalAws
from tests.local.emulator.endpoint_stack import Stack


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[Stack]:
    """An empty name for a stack, which is deleted after the test."""
    stack = Stack(aws, bucket)
    yield stack
    stack.delete()
