"""Keys of new objects in S3: 1,024 bytes at most."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws

LONGEST = "ü" * 512


def test_the_longest_key_has_1024_bytes_of_utf_8(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key=LONGEST, Body=b"rows")

    assert s3.get_object(Bucket=bucket, Key=LONGEST)["Body"].read() == b"rows"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("put_object", {"Body": b"rows"}),
        ("copy_object", {"CopySource": {"Bucket": "any", "Key": "any"}}),
        ("create_multipart_upload", {}),
    ],
)
def test_a_longer_key_is_refused(aws: LocalAws, bucket: str, operation: str, members: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(aws.client("s3"), operation)(Bucket=bucket, Key=f"{LONGEST}a", **members)

    error = raised.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert (error["Error"]["Code"], error["Error"]["Message"]) == ("KeyTooLongError", "Your key is too long")
