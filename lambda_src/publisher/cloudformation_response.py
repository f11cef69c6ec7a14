"""Response of a custom resource to CloudFormation."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

_ATTEMPTS = 3
_MAX_REASON_CHARACTERS = 1000


def send_response(
    event: Mapping[str, Any], *, physical_id: str, data: Mapping[str, str] | None = None, failure: str = ""
) -> None:
    """Sends the result of a request to the URL that CloudFormation waits on.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html

    Args:
        event: The request.
        physical_id: Physical id of the resource.
        data: Attributes for Fn::GetAtt.
        failure: Why the request failed, in a sentence; "" if it succeeded.

    Raises:
        URLError: The response could not be delivered.
    """
    response = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure[:_MAX_REASON_CHARACTERS],
        "PhysicalResourceId": physical_id,
        "Data": dict(data or {}),
    }
    response |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    _put(event["ResponseURL"], json.dumps(response).encode())


def _put(url: str, body: bytes) -> None:
    # The URL is signed for an empty content type.
    request = urllib.request.Request(url, data=body, headers={"content-type": ""}, method="PUT")  # noqa: S310  # from CloudFormation
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310  # the same
                return
        except OSError:
            if attempt == _ATTEMPTS:
                raise
