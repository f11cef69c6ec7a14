"""AWS on this machine, one per worker."""

from collections.abc import Iterator

import pytest

from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.inherited_environ import inherited_environ


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, on a port of its own."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    yield lifecycle.up(wanted, environ=inherited_environ())
    lifecycle.down(wanted)
