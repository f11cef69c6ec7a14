"""SageMaker hosting in the test's own process."""

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.sagemaker.catalog import Resource
from local.sagemaker.errors import ModelDataError
from local.sagemaker.hosting import Hosting
from tests.local.models import STUB, archive
from tests.local.sagemaker.several import Several, Upload

Configure = Callable[..., str]


@pytest.fixture
def archives() -> dict[str, bytes]:
    return {}


@pytest.fixture
def hosting(tmp_path: Path, archives: dict[str, bytes]) -> Iterator[Hosting]:
    def fetch(url: str, target: Path) -> None:
        if url not in archives:
            raise ModelDataError(f"Could not find model data at {url}")
        with tarfile.open(fileobj=BytesIO(archives[url])) as tar:
            tar.extractall(target, filter="data")

    environment = {"PATH": os.environ["PATH"]}
    hosting = Hosting(folder=tmp_path / "endpoints", command=STUB, environment=environment, fetch=fetch)
    yield hosting
    hosting.close()


@pytest.fixture
def configure(hosting: Hosting, archives: dict[str, bytes]) -> Configure:
    """Make a model and a configuration of one name, whose serving process behaves as told."""

    def configure(name: str, *, environment: dict[str, str] | None = None, **behaviour: object) -> str:
        archives[f"s3://models/{name}"] = archive(version=name, **behaviour)
        container = {"ModelDataUrl": f"s3://models/{name}", "Environment": environment or {}}
        hosting.models.add(Resource(name=name, request={"PrimaryContainer": container}))
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "ContainerStartupHealthCheckTimeoutInSeconds": 20,
        }
        hosting.configs.add(Resource(name=name, request={"ProductionVariants": [variant]}))
        return name

    return configure


@pytest.fixture
def several(aws: LocalAws, bucket: str, upload: Upload) -> Iterator[Several]:
    several = Several(aws=aws, name=bucket, upload=upload)
    several.add("a")
    several.add("b")
    yield several
    with suppress(ClientError):
        aws.client("sagemaker").delete_endpoint(EndpointName=bucket)
