"""Signatures of requests, compared with those of botocore."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import botocore.auth
import botocore.credentials
import pytest
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from serving.lambda_function.s3 import S3Client
from serving.lambda_function.signature import Credentials, sign

NOW = datetime(2026, 11, 21, 7, 8, 9, tzinfo=UTC)
WORDS = st.text("abcXYZ0189+/=_-", min_size=1, max_size=40)
REGIONS = st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
BUCKETS = st.sampled_from(["models", "models.of.us", "a1b"])


@given(key=WORDS, secret=WORDS, token=st.just("") | WORDS, region=REGIONS, bucket=BUCKETS, name=KEYS)
@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("PUT", b"content")])
def test_a_signature_equals_that_of_botocore(
    method: str, body: bytes, key: str, secret: str, token: str, region: str, bucket: str, name: str
) -> None:
    base, path = S3Client({"AWS_REGION": region})._location(bucket, name)
    host = base.removeprefix("https://")

    found = sign(
        Credentials(key, secret, token),
        method=method,
        host=host,
        path=path,
        region=region,
        now=NOW,
        body=body,
    )

    assert found["authorization"] == botocores(method, base + path, body, region, key, secret, token)


def botocores(method: str, url: str, body: bytes, region: str, key: str, secret: str, token: str) -> Any:
    request = AWSRequest(method, url, data=body)
    credentials = botocore.credentials.Credentials(key, secret, token or None)
    with patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        botocore.auth.S3SigV4Auth(credentials, "s3", region).add_auth(request)
    return request.headers["Authorization"]
