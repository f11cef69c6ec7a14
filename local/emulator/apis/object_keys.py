"""Limit of the keys of new objects in S3, which MiniStack lacks.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from collections.abc import Callable
from typing import Any

from ministack.services import s3

# Of its UTF-8 encoding.
_MOST_BYTES = 1_024
_WRITES = ("_put_object", "_copy_object", "_create_multipart_upload")


def install() -> None:
    """Wraps MiniStack's functions that make objects."""
    for name in _WRITES:
        setattr(s3, name, _with_limit(getattr(s3, name)))


def _with_limit(write: Callable[..., Any]) -> Callable[..., Any]:
    def write_or_refuse(bucket: str, key: str, *arguments: Any, **options: Any) -> Any:
        if len(key.encode()) > _MOST_BYTES:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
            return s3._error("KeyTooLongError", "Your key is too long", 400, f"/{bucket}/{key}")
        return write(bucket, key, *arguments, **options)

    return write_or_refuse
