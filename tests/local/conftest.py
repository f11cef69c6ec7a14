"""AWS on this machine, one per worker, with the stub serving process."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from local.processes import lifecycle
from tests.inherited_environ import inherited_environ
from tests.local.iam.roles import MODEL_ROLE, make_execution_roles
from tests.local.model_archives import STUB, archive
from tests.local.polling import PATIENT_WAITER

# Limit against a hang; on a loaded machine a start takes longer than the default.
START_SECONDS = 120.0


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, on a port of its own."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    aws = lifecycle.up(wanted, environ=inherited_environ(), serving=STUB, timeout=START_SECONDS)
    make_execution_roles(aws)
    yield aws
    lifecycle.down(wanted)


@pytest.fixture
def wanted(tmp_path: Path) -> Iterator[LocalAws]:
    """AWS on this machine that is not up before the test; it is stopped after the test."""
    wanted = LocalAws(port=0, state=tmp_path / "state")
    yield wanted
    lifecycle.down(wanted)


@pytest.fixture(scope="session")
def sagemaker(aws: LocalAws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture(scope="session")
def runtime(aws: LocalAws) -> Any:
    """A client of SageMaker Runtime without retries."""
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def bucket(aws: LocalAws) -> str:
    """A bucket of the test's own."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    aws.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def upload(aws: LocalAws, bucket: str) -> Callable[..., str]:
    """Uploads a model archive with the behaviour of its serving process; returns its URL."""

    def upload(key: str, *, content: bytes | None = None, **behaviour: object) -> str:
        body = archive(**behaviour) if content is None else content
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        return f"s3://{bucket}/{key}"

    return upload


@pytest.fixture
def endpoint(sagemaker: Any, upload: Callable[..., str], bucket: str) -> Iterator[str]:
    """An endpoint in service; endpoint, configuration and model have the name of the bucket."""
    make_config(sagemaker, bucket, upload("model.tar.gz", version="one"))
    sagemaker.create_endpoint(EndpointName=bucket, EndpointConfigName=bucket)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=bucket, WaiterConfig=PATIENT_WAITER)
    yield bucket
    with suppress(sagemaker.exceptions.ClientError):
        sagemaker.delete_endpoint(EndpointName=bucket)


def make_config(sagemaker: Any, name: str, url: str, *, role: str = MODEL_ROLE, **container: Any) -> str:
    """Creates a model and an endpoint configuration of one name; `container` adds to the definition."""
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag"
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": image, "ModelDataUrl": url, **container},
    )
    variant = {
        "VariantName": "primary",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    return name
