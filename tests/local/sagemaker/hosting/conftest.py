"""SageMaker hosting in the process of the test, and a multi-model endpoint."""

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from local.sagemaker.fleets.launcher import ContainerLauncher
from local.sagemaker.hosting.errors import ModelArchiveError
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.resource_collection import SageMakerResource
from tests.local.iam.roles import MODEL_ROLE
from tests.local.model_archives import STUB, archive
from tests.local.sagemaker.hosting.multi_model import MultiModelEndpoint, Upload
from tests.local.sagemaker.quick_hosting import make_hosting

Configure = Callable[..., str]


@pytest.fixture
def archives() -> dict[str, bytes]:
    return {}


@pytest.fixture
def hosting(tmp_path: Path, archives: dict[str, bytes]) -> Iterator[SageMakerHosting]:
    def fetch(_s3: Any, url: str, target: Path) -> None:
        if url not in archives:
            raise ModelArchiveError(f"Could not find model data at {url}")
        with tarfile.open(fileobj=BytesIO(archives[url])) as tar:
            tar.extractall(target, filter="data")

    environment = {"PATH": os.environ["PATH"]}
    launcher = ContainerLauncher(
        folder=tmp_path / "endpoints", command=STUB, environment=environment, download=fetch
    )
    hosting = make_hosting(launcher)
    yield hosting
    hosting.close()


@pytest.fixture
def configure(hosting: SageMakerHosting, archives: dict[str, bytes]) -> Configure:
    """Creates a model and a configuration of one name; `behaviour` controls the stub serving process."""

    def configure(name: str, *, environment: dict[str, str] | None = None, **behaviour: object) -> str:
        archives[f"s3://models/{name}"] = archive(version=name, **behaviour)
        container = {"ModelDataUrl": f"s3://models/{name}", "Environment": environment or {}}
        hosting.models.add(
            SageMakerResource(
                name=name, request={"ExecutionRoleArn": MODEL_ROLE, "PrimaryContainer": container}
            )
        )
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "ContainerStartupHealthCheckTimeoutInSeconds": 120,
        }
        hosting.configs.add(SageMakerResource(name=name, request={"ProductionVariants": [variant]}))
        return name

    return configure


@pytest.fixture
def multi_model(aws: LocalAws, bucket: str, upload: Upload) -> Iterator[MultiModelEndpoint]:
    multi_model = MultiModelEndpoint(aws=aws, name=bucket, upload=upload)
    multi_model.add("a")
    multi_model.add("b")
    yield multi_model
    with suppress(ClientError):
        aws.client("sagemaker").delete_endpoint(EndpointName=bucket)
