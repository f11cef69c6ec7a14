"""Checksums that S3 requires in a bucket whose objects are retained by default, which MiniStack lacks.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import s3

_MD5 = "content-md5"
_CHECKSUMS = ("x-amz-checksum-", "x-amz-sdk-checksum-algorithm", "x-amz-trailer")
_REFUSAL = (
    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock "
    "parameters"
)


def install() -> None:
    """Wraps MiniStack's function that puts an object."""
    put = s3._put_object

    def put_or_refuse(bucket: str, key: str, body: bytes, headers: Mapping[str, str]) -> Any:
        if _is_retained(bucket, headers) and not _has_checksum(headers):
            return s3._error("InvalidRequest", _REFUSAL, 400, f"/{bucket}/{key}")
        return put(bucket, key, body, headers)

    s3._put_object = put_or_refuse


def _is_retained(bucket: str, headers: Mapping[str, str]) -> bool:
    lock = s3._bucket_object_lock.get(bucket) or {}
    return bool(lock.get("default_retention") or headers.get("x-amz-object-lock-mode"))


def _has_checksum(headers: Mapping[str, str]) -> bool:
    return any(name.lower() == _MD5 or name.lower().startswith(_CHECKSUMS) for name in headers)
