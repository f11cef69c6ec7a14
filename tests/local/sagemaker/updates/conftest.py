"""An endpoint whose serving processes run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.sagemaker.updates.running_endpoint import Parts


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """Hosting of an endpoint in service, with two instances of the configuration one."""
    parts = Parts(tmp_path / "endpoints")
    parts.hosting.create("endpoint", parts.configure("one")).settled.wait(120)
    yield parts
    parts.hosting.close()
