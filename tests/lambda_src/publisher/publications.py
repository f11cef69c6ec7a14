"""A bundle in the staging bucket, and requests of CloudFormation to publish it."""

import io
import tarfile
from typing import Any

from tests.lambda_src.publisher.cloudformation import Inbox

STAGING, ARTIFACTS = "staging", "artifacts"
MANIFEST = b'{"version": "first"}'


def archive(**members: bytes) -> bytes:
    """An archive like a bundle's; names are without their suffix."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name.replace("_", "."))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


BUNDLE = archive(manifest_json=MANIFEST, model_onnx=b"the graph")


class Context:
    """Lambda's context object."""

    def __init__(self, *, milliseconds: int = 300_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def request(kind: str, inbox: Inbox, **overrides: Any) -> dict[str, Any]:
    properties = {
        "ServiceToken": "arn:aws:lambda:eu-west-1:1:function:publisher",
        "SourceBucket": STAGING,
        "SourceKey": "asset.gz",
        "Bucket": ARTIFACTS,
        "Key": "models/tiny/first/model.tar.gz",
        "EmptyOnDelete": "true",
    }
    known = {} if kind == "Create" else {"PhysicalResourceId": f"s3://{ARTIFACTS}"}
    return {
        "RequestType": kind,
        "ResponseURL": inbox.url,
        "StackId": "stack-1",
        "RequestId": "request-1",
        "LogicalResourceId": "Publication",
        "ResourceProperties": properties | overrides,
        **known,
    }


def remove(s3: Any, bucket: str) -> None:
    for version in versions(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(Bucket=bucket)


def versions(s3: Any, bucket: str) -> list[dict[str, Any]]:
    found = s3.list_object_versions(Bucket=bucket)
    return [*found.get("Versions", []), *found.get("DeleteMarkers", [])]


def keys(s3: Any) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])]
