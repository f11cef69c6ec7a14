"""Cold starts of the Lambda handler, with an emulated S3."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bundle import Bundle
from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from tests.emulated_s3 import emulate_s3
from tests.serving.lambda_function.handler.cold_starts import BUCKET, ColdStart, upload
from tests.tiny_bundle import write_tiny_bundle


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
