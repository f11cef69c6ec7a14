"""Captured requests and responses in S3, the newest first.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One captured request with its response.

    Attributes:
        time: Time of the request.
        id: Id of the request, as in x-request-id of the API's answer; "" for a health check.
        request: Body of the request, "" if it was not captured.
        response: Body of the response, "" if it was not captured.
    """

    time: str
    id: str
    request: str
    response: str


def newest(account: AwsAccount, *, bucket: str, prefix: str) -> Iterator[Capture]:
    """Yields all captured calls below a prefix, the newest first; reads one object after another.

    Raises:
        UnreadableAccountError: S3 refuses, or an object is no captured data.
    """
    for key in _keys(account, bucket, prefix):
        read = account.read("s3", "get_object", action="s3:GetObject", Bucket=bucket, Key=key)
        lines = read["Body"].read().decode(errors="replace").splitlines()
        try:
            calls = [_call(json.loads(line)) for line in lines]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableAccountError(f"s3://{bucket}/{key} is not captured data: delete it.") from error
        yield from sorted(calls, key=lambda call: call.time, reverse=True)


def _keys(account: AwsAccount, bucket: str, prefix: str) -> Iterator[str]:
    """Yields keys in falling order; opens a folder, which is an hour at last, only when it is reached."""
    names: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = account.read(
            "s3",
            "list_objects_v2",
            action="s3:ListBucket",
            Bucket=bucket,
            Prefix=prefix,
            Delimiter="/",
            **more,
        )
        names += [found["Key"] for found in page.get("Contents", ())]
        names += [found["Prefix"] for found in page.get("CommonPrefixes", ())]
        if not page.get("IsTruncated"):
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    for name in sorted(names, reverse=True):
        if name.endswith("/"):
            yield from _keys(account, bucket, name)
        else:
            yield name


def _call(record: Mapping[str, Any]) -> Capture:
    data, metadata = record["captureData"], record["eventMetadata"]
    return Capture(
        time=metadata["inferenceTime"],
        id=metadata.get("inferenceId", ""),
        request=_text(data.get("endpointInput")),
        response=_text(data.get("endpointOutput")),
    )


def _text(side: Mapping[str, str] | None) -> str:
    if side is None:
        return ""
    if side["encoding"] == "BASE64":
        return base64.b64decode(side["data"]).decode(errors="replace")
    return side["data"]
