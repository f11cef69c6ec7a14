"""The publisher after a cold start, its buckets, and CloudFormation."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.publisher.cloudformation import Inbox, receive
from tests.lambda_src.publisher.publications import ARTIFACTS, BUNDLE, STAGING, remove


@pytest.fixture(scope="module")
def publisher(cold_start: Import, s3_url: str) -> ModuleType:
    return cold_start("lambda_src.publisher.handler", AWS_ENDPOINT_URL_S3=s3_url)


@pytest.fixture
def s3(s3_url: str) -> Iterator[Any]:
    """A client; the staging bucket holds one bundle, the artifact bucket is empty."""
    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for bucket in (STAGING, ARTIFACTS):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=STAGING, Key="asset.gz", Body=BUNDLE)
    yield client
    for bucket in (STAGING, ARTIFACTS):
        remove(client, bucket)
    client.close()


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with receive() as inbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", inbox.url.partition("/answer")[0])
        yield inbox
