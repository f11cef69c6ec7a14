"""One AWS on this machine for all of this room's tests of a worker."""

import os
from collections.abc import Iterator

import pytest

from local import process
from local.aws import LocalAws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, on a port of its own."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    yield process.up(wanted, environ=os.environ)
    process.down(wanted)
