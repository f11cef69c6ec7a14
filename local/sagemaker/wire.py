"""HTTP answers as the AWS SDKs read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.sagemaker.errors import SageMakerError

_JSON = {"content-type": "application/x-amz-json-1.1"}


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP answer."""

    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def of_result(result: Mapping[str, Any]) -> Response:
    """The answer to an API call that did what it was asked."""
    return Response(headers=_JSON, body=json.dumps(result).encode())


def of_error(error: SageMakerError) -> Response:
    """The answer to a call that was refused, which botocore raises under the name of its code."""
    body = {"__type": error.code, "message": error.message, "Message": error.message, **error.details}
    headers = {**_JSON, "x-amzn-errortype": error.code}
    return Response(status=error.status, headers=headers, body=json.dumps(body).encode())
