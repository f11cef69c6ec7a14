"""AWS Signature Version 4 of a request to S3, without the slow import of an AWS SDK.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from typing import NamedTuple

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """AWS credentials.

    Attributes:
        key: Access key ID.
        secret: Secret access key.
        token: Session token; empty for long-term credentials.
    """

    key: str
    secret: str
    token: str = ""


def sign(
    credentials: Credentials,
    *,
    method: str,
    host: str,
    path: str,
    region: str,
    now: datetime,
    body: bytes = b"",
) -> Mapping[str, str]:
    """Returns the headers that sign a request without a query.

    Args:
        credentials: Credentials of the caller.
        method: HTTP method.
        host: Host name, with the port if it is not the scheme's default.
        path: Percent-encoded path.
        region: AWS region of the host.
        now: Time of the request, in UTC.
        body: Body of the request.
    """
    content = hashlib.sha256(body).hexdigest()
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": host, "x-amz-content-sha256": content, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    lines = [f"{name}:{value}" for name, value in headers.items()]
    names = ";".join(headers)
    request = "\n".join([method, path, "", *lines, "", names, content])
    scope = (moment[:8], region, "s3", "aws4_request")
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join([_ALGORITHM, moment, "/".join(scope), digest])
    key = reduce(_keyed, scope, f"AWS4{credentials.secret}".encode())
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.key}/{'/'.join(scope)}, "
        f"SignedHeaders={names}, Signature={_keyed(key, text).hex()}"
    )
    return headers


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
