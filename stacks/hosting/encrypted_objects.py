"""Use of KMS keys that encrypt objects of S3, as part of a role's policy."""

from collections.abc import Sequence
from typing import Any, Literal

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

_READ = ("kms:Decrypt",)
# S3 asks for a data key to write, and for its decryption between the parts of a multipart upload.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
_READ_AND_WRITE = ("kms:Decrypt", "kms:GenerateDataKey")


def key_use(scope: Construct, *, objects: Sequence[str]) -> iam.PolicyStatement:
    """Returns the permission to decrypt objects; limited to S3, and to these objects.

    S3 calls KMS with the caller's credentials, and with the ARN of the object, or of the bucket if it has a
    bucket key, as encryption context: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

    Args:
        scope: Construct in the stack of the keys.
        objects: ARNs of the objects, and of their bucket.
    """
    return _statement(scope, _READ, objects, "StringEquals")


def key_use_in_folder(scope: Construct, *, bucket_arn: str, prefix: str) -> iam.PolicyStatement:
    """Returns the permission to read and write encrypted objects of a folder; limited as in `key_use`.

    Args:
        scope: Construct in the stack of the keys.
        bucket_arn: ARN of the bucket.
        prefix: Prefix of the objects, without the slash at the end.
    """
    return _statement(scope, _READ_AND_WRITE, [bucket_arn, f"{bucket_arn}/{prefix}/*"], "StringLike")


def _statement(
    scope: Construct,
    actions: Sequence[str],
    objects: Sequence[str],
    operator: Literal["StringEquals", "StringLike"],
) -> iam.PolicyStatement:
    via = {"kms:ViaService": f"s3.{Aws.REGION}.{Aws.URL_SUFFIX}"}
    context = {"kms:EncryptionContext:aws:s3:arn": [*objects]}
    conditions: dict[str, Any] = {"StringEquals": via}
    conditions[operator] = {**conditions.get(operator, {}), **context}
    return iam.PolicyStatement(
        actions=[*actions],
        resources=[Stack.of(scope).format_arn(service="kms", resource="key", resource_name="*")],
        conditions=conditions,
    )
