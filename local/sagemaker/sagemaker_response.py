"""HTTP responses of SageMaker, in the form that the AWS SDKs parse."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.sagemaker.errors import SageMakerError

_HEADERS = {"content-type": "application/x-amz-json-1.1"}


@dataclass(frozen=True, kw_only=True)
class SageMakerResponse:
    """An HTTP response."""

    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def result_response(result: Mapping[str, Any]) -> SageMakerResponse:
    """Encodes the result of a successful operation."""
    return SageMakerResponse(headers=_HEADERS, body=json.dumps(result).encode())


def error_response(error: SageMakerError) -> SageMakerResponse:
    """Encodes an error; botocore raises it under the name of its code."""
    body = {"__type": error.code, "message": error.message, "Message": error.message, **error.details}
    headers = {**_HEADERS, "x-amzn-errortype": error.code}
    return SageMakerResponse(status=error.status, headers=headers, body=json.dumps(body).encode())
