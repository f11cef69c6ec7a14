"""The key of an encrypted object, which S3 uses with the permissions of the caller."""

from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.iam.roles import allow, make_user
from tests.local.iam.test_policy_evaluation import refusal


@pytest.fixture
def key(aws: LocalAws, bucket: str) -> str:
    """A key that encrypts the object `key` of the bucket; its policy leaves the decision to IAM."""
    arn: str = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.client("s3").put_object(
        Bucket=bucket, Key="key", Body=b"content", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn
    )
    return arn


def decrypt(key: str, service: str, resource: str) -> dict[str, Any]:
    condition = {
        "kms:ViaService": f"{service}.us-east-1.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": resource,
    }
    return allow("kms:Decrypt", resource=key, Condition={"StringEquals": condition})


def test_an_encrypted_object_needs_the_right_to_decrypt(aws: LocalAws, bucket: str, key: str) -> None:
    user = make_user(aws, allow("s3:GetObject"))

    code, message = refusal(user.client("s3").get_object, Bucket=bucket, Key="key")

    assert code == "AccessDenied"
    assert f"perform: kms:Decrypt on resource: {key} because" in message.replace('"', "")


def test_the_right_to_decrypt_may_be_limited_to_s3_and_the_object(
    aws: LocalAws, bucket: str, key: str
) -> None:
    resource = f"arn:aws:s3:::{bucket}/key"
    reader = make_user(aws, allow("s3:GetObject"), decrypt(key, "s3", resource))
    others = [
        make_user(aws, allow("s3:GetObject"), decrypt(key, "sqs", resource)),
        make_user(aws, allow("s3:GetObject"), decrypt(key, "s3", f"{resource}s")),
    ]

    assert reader.client("s3").get_object(Bucket=bucket, Key="key")["Body"].read() == b"content"
    for other in others:
        assert refusal(other.client("s3").get_object, Bucket=bucket, Key="key")[0] == "AccessDenied"


def test_a_new_object_needs_a_data_key_of_the_key_that_its_bucket_names(aws: LocalAws, bucket: str) -> None:
    arn: str = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}}
    aws.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    context = {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/in/*"}
    data_key = allow("kms:GenerateDataKey", resource=arn, Condition={"StringLike": context})
    user, writer = make_user(aws, allow("s3:PutObject")), make_user(aws, allow("s3:PutObject"), data_key)

    code, message = refusal(user.client("s3").put_object, Bucket=bucket, Key="in/rows.csv")

    assert code == "AccessDenied"
    assert f"perform: kms:GenerateDataKey on resource: {arn} because" in message.replace('"', "")
    writer.client("s3").put_object(Bucket=bucket, Key="in/rows.csv")
    assert refusal(writer.client("s3").put_object, Bucket=bucket, Key="out/rows.csv")[0] == "AccessDenied"
