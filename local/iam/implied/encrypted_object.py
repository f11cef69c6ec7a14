"""KMS calls of S3: it reads and writes an object that a key encrypts with the permissions of the caller.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import s3

from local.local_aws import ACCOUNT, REGION

_OBJECT = "arn:aws:s3:::"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
# An action on objects -> what it does with the key.
_ACTIONS = {
    "s3:GetObject": "kms:Decrypt",
    "s3:GetObjectVersion": "kms:Decrypt",
    "s3:PutObject": "kms:GenerateDataKey",
}


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """The use of a key for an object.

    Attributes:
        action: Such as kms:Decrypt.
        key: ARN of the key.
        context: Condition keys.
    """

    action: str
    key: str
    context: Mapping[str, str]


def key_use(action: str, resource: str) -> KeyUse | None:
    """Returns the use of a key that an action on an object needs; None for an object without a KMS key.

    Args:
        action: Such as s3:GetObject.
        resource: ARN of the object.
    """
    if action not in _ACTIONS or not (key := _key_of(action, resource)):
        return None
    return KeyUse(
        action=_ACTIONS[action],
        key=key if key.startswith("arn:") else f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}",
        context={
            "kms:ViaService": f"s3.{REGION}.amazonaws.com",
            "kms:CallerAccount": ACCOUNT,
            "kms:EncryptionContext:aws:s3:arn": resource,
        },
    )


def _key_of(action: str, resource: str) -> str:
    """Returns the key that encrypts an object, or a new one by the default of its bucket; or ""."""
    bucket, _, name = resource.removeprefix(_OBJECT).partition("/")
    if action == "s3:PutObject":
        return str(s3._bucket_default_sse_headers(bucket).get(_KEY, ""))
    found: dict[str, Any] = (s3._buckets.get(bucket) or {}).get("objects", {}).get(name) or {}
    return str(found.get("preserved_headers", {}).get(_KEY, ""))
