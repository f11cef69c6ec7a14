"""Buckets whose objects are retained by default: each new object needs a checksum."""

import pytest
import urllib3

from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from serving.lambda_function.s3 import S3Client

RETENTION = {"Mode": "GOVERNANCE", "Days": 1}


@pytest.fixture
def locked(aws: LocalAws, bucket: str) -> str:
    """The name of a bucket whose objects are retained for a day."""
    name = f"{bucket}-locked"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": RETENTION}},
    )
    return name


def test_an_object_without_a_checksum_is_refused(aws: LocalAws, locked: str) -> None:
    # boto3 sends a checksum with each request, and presigned requests have none.
    url = aws.client("s3").generate_presigned_url("put_object", Params={"Bucket": locked, "Key": "rows.csv"})
    refused = urllib3.request("PUT", url, body=b"size\n", retries=False)

    assert refused.status == 400, refused.data
    assert b"<Code>InvalidRequest</Code>" in refused.data
    assert b"Content-MD5 OR x-amz-checksum- HTTP header is required" in refused.data


def test_boto3_and_the_client_of_the_functions_write_into_it(aws: LocalAws, locked: str) -> None:
    s3 = aws.client("s3")

    s3.put_object(Bucket=locked, Key="a.csv", Body=b"size\n")
    environment = {
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }
    S3Client(environment).write(f"s3://{locked}/b.csv", b"size\n", media_type="text/csv", seconds=60.0)

    assert s3.get_object(Bucket=locked, Key="b.csv")["Body"].read() == b"size\n"
