"""The answer CloudFormation waits for."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

ATTEMPTS = 3
LONGEST_REASON = 1000


def reply(
    event: Mapping[str, Any], *, physical_id: str, data: Mapping[str, str] | None = None, failure: str = ""
) -> None:
    """Tells CloudFormation how a request of a custom resource ended.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html

    Args:
        event: The request.
        physical_id: Identity of what the resource stands for.
        data: Attributes for Fn::GetAtt.
        failure: Why it failed, in a sentence; empty when it did not.

    Raises:
        URLError: When the answer cannot be delivered.
    """
    answer = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure[:LONGEST_REASON],
        "PhysicalResourceId": physical_id,
        "Data": dict(data or {}),
    }
    answer |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    _put(event["ResponseURL"], json.dumps(answer).encode())


def _put(url: str, body: bytes) -> None:
    # The URL is signed for an empty content type.
    request = urllib.request.Request(url, data=body, headers={"content-type": ""}, method="PUT")  # noqa: S310 - from CloudFormation
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - the same
                return
        except OSError:
            if attempt == ATTEMPTS:
                raise
