"""S3 for cold starts of the handler; an S3 object on a real socket, and a reloader of its bundle."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bundle import Bundle
from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from serving.lambda_function import reload
from serving.lambda_function.reload import BundleReloader
from tests.emulated_s3 import emulate_s3
from tests.serving.clock import FakeClock
from tests.serving.lambda_function.cold_starts import BUCKET, ColdStart, upload
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


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Emulated S3 with a bucket."""
    state = tmp_path_factory.mktemp("s3")
    with emulate_s3(state) as url:
        found = LocalAws(port=int(url.rpartition(":")[2]), state=state)
        found.client("s3").create_bucket(Bucket=BUCKET)
        yield found


@pytest.fixture
def cold_start(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> ColdStart:
    """Returns a function that imports the handler, as a cold start does, with MODEL_DATA_URL set."""

    def start(url: str, **more: str) -> ModuleType:
        environment = {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1",
            "MODEL_DATA_URL": url,
            **more,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        sys.modules.pop("serving.lambda_handler", None)
        return importlib.import_module("serving.lambda_handler")

    return start


@pytest.fixture
def tiny(tmp_path: Path) -> Bundle:
    return write_tiny_bundle(tmp_path / "tiny.tar.gz")


@pytest.fixture
def function(aws: LocalAws, cold_start: ColdStart, tiny: Bundle, tmp_path: Path) -> ModuleType:
    """The handler with the tiny bundle."""
    assert tiny.digest
    return cold_start(upload(aws, "tiny.tar.gz", (tmp_path / "tiny.tar.gz").read_bytes()))
