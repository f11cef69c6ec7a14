"""An S3 object on a real socket, and a reloader of its bundle."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.lambda_function import reload
from serving.lambda_function.reload import BundleReloader
from tests.serving.clock import FakeClock
from tests.serving.lambda_function.object_store import ObjectStore, object_store
from tests.serving.lambda_function.reload_parts import Put, Wait, start_reloader
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def put(store: ObjectStore, tmp_path: Path) -> Put:
    """Puts a bundle into the object and returns its version."""

    def put(**parts: Any) -> str:
        path = tmp_path / "put.tar.gz"
        version = write_tiny_bundle(path, **parts).manifest.version
        store.body = path.read_bytes()
        return version

    return put


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wait() -> Wait:
    return Wait()


@pytest.fixture
def start(
    store: ObjectStore, clock: FakeClock, wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], BundleReloader]:
    """Returns a function that starts a reloader whose deployed bundle has weight 1."""
    monkeypatch.setattr(reload, "_START_SECONDS", 60.0)
    return lambda: start_reloader(store, deployed=tmp_path / "deployed.tar.gz", clock=clock, wait=wait)


@pytest.fixture
def reloader(start: Callable[[], BundleReloader], put: Put) -> BundleReloader:
    """A reloader that serves the bundle of weight 1."""
    put(weight=1.0)
    return start()
