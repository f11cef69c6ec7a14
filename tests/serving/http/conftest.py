"""An HTTP front without workers."""

from collections.abc import Iterator

import pytest

from tests.serving.http.front import Front, running


@pytest.fixture
def front() -> Iterator[Front]:
    with running() as front:
        yield front
