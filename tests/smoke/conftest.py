"""One AWS on this machine for all of this room's tests of a worker."""

import os
from collections.abc import Iterator

import pytest

from local.aws import LocalAws
from local.processes import lifecycle


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, on a port of its own."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    yield lifecycle.up(wanted, environ=os.environ)
    lifecycle.down(wanted)
