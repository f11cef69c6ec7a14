"""Permissions on objects: their ARNs have the keys as they are, also empty segments and marks of URLs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.iam.roles import allow, make_user

KEYS = [
    "in//rows.csv",
    "/rows.csv",
    "//rows.csv",
    "in/",
    "in//",
    "/",
    "in/../rows.csv",
    "./rows.csv",
    "a+b c%2Fd%.csv",
    "ü/e\u0301 日本?x=1#y.csv",
]


def user_of(aws: LocalAws, bucket: str, *keys: str) -> Any:
    """Returns a client of a user whose policy allows to get, put and delete the objects of these keys."""
    arns = [f"arn:aws:s3:::{bucket}/{key}" for key in keys]
    actions = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    return make_user(aws, allow(*actions, resource=arns)).client("s3")


@pytest.mark.parametrize("key", KEYS)
def test_the_owner_of_a_key_uses_it(aws: LocalAws, bucket: str, key: str) -> None:
    s3 = user_of(aws, bucket, key, f"{key}.copy")

    s3.put_object(Bucket=bucket, Key=key, Body=b"rows")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"rows"
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == 4
    s3.copy_object(Bucket=bucket, Key=f"{key}.copy", CopySource={"Bucket": bucket, "Key": key})
    s3.delete_object(Bucket=bucket, Key=key)

    listed = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=key)
    assert [found["Key"] for found in listed["Contents"]] == [f"{key}.copy"]


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("in//rows.csv", "in/rows.csv"),
        ("in/rows.csv", "in//rows.csv"),
        ("/rows.csv", "rows.csv"),
        ("in/", "in"),
        ("in//", "in/"),
    ],
)
def test_the_owner_of_another_key_does_not(aws: LocalAws, bucket: str, key: str, other: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"rows")
    s3 = user_of(aws, bucket, other)

    copied = {"Bucket": bucket, "Key": key}
    calls: dict[str, dict[str, Any]] = {
        "get_object": {"Key": key},
        "put_object": {"Key": key, "Body": b""},
        "copy_object": {"Key": other, "CopySource": copied},
        "delete_object": {"Key": key},
    }
    for operation, members in calls.items():
        with pytest.raises(ClientError) as raised:
            getattr(s3, operation)(Bucket=bucket, **members)
        assert f'"arn:aws:s3:::{bucket}/{key}"' in raised.value.response["Error"]["Message"]
