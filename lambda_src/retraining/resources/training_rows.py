"""Rows of a training: the objects below the folder of the setting data, and their digest."""

import hashlib
from typing import Any, NamedTuple


class TrainingRows(NamedTuple):
    """The objects of a folder in S3.

    Attributes:
        uri: S3 URI of the folder.
        sha256: Digest of their keys, sizes and ETags: it changes when one is added, replaced or removed.
        objects: Their number.
        bytes: Their size.
    """

    uri: str
    sha256: str
    objects: int
    bytes: int


def list_rows(s3: Any, uri: str) -> TrainingRows:
    """Lists the objects with rows below an S3 URI; folders and empty objects have none.

    Raises:
        ClientError: S3 refuses the request.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = sorted(
        (item["Key"], item["Size"], item["ETag"])
        for page in pages
        for item in page.get("Contents", ())
        if item["Size"]
    )
    digest = hashlib.sha256("".join(f"{key}\t{size}\t{tag}\n" for key, size, tag in found).encode())
    return TrainingRows(uri, digest.hexdigest(), len(found), sum(size for _, size, _ in found))
