"""Responses: from the model to the invoker, and from the invoker to API Gateway."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .problem import ProblemError

_EXPOSED_HEADERS = "x-model-version, x-request-id, retry-after"
_ACCEPTED_HEADERS = "accept, authorization, content-type, x-amz-date, x-amz-security-token, x-api-key"
_PREFLIGHT_SECONDS = "600"

_VERSION = re.compile(r"[\w.+-]{1,64}", re.ASCII)


class ModelResponse(NamedTuple):
    """Predictions as the container wrote them.

    Attributes:
        body: JSON or CSV.
        content_type: Media type of the body.
        version: Version of the model, "" if the host did not name a valid one.
    """

    body: str
    content_type: str
    version: str


def read_inference_response(body: bytes, content_type: str, version: str) -> ModelResponse:
    """Checks a model's response.

    Raises:
        ProblemError: The body is neither a JSON object nor CSV, or not UTF-8.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode()
        is_prediction = (
            isinstance(json.loads(text), dict)
            if media_type == "application/json"
            else media_type == "text/csv"
        )
    except (ValueError, RecursionError):
        is_prediction = False
    if not is_prediction or not (content_type.isascii() and content_type.isprintable()):
        raise ProblemError("model_garbled", evidence={"content_type": content_type, "bytes": len(body)})
    return ModelResponse(text, content_type, version if _VERSION.fullmatch(version) else "")


class ProxyResponse(NamedTuple):
    """Response to a request of an API Gateway proxy integration.

    Attributes:
        status: HTTP status.
        headers: Header values by name in lower case.
        body: Text, "" without a body.
    """

    status: int
    headers: Mapping[str, str]
    body: str = ""

    def encode(self, headers: Mapping[str, str], *, has_body: bool) -> dict[str, Any]:
        """Returns the response in Lambda's proxy format.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

        Args:
            headers: Headers that every response has.
            has_body: False for a response to HEAD.
        """
        return {
            "statusCode": self.status,
            "headers": {**self.headers, **headers},
            "body": self.body if has_body else "",
        }


class Cors:
    """CORS response headers: https://fetch.spec.whatwg.org/#http-cors-protocol.

    Args:
        origins: Allowed origins separated by commas, * for all of them; "" turns CORS off.
    """

    def __init__(self, origins: str) -> None:
        self._origins = {origin.strip() for origin in origins.split(",")} - {""}

    @property
    def is_on(self) -> bool:
        """Whether any origin is allowed."""
        return bool(self._origins)

    def headers(self, origin: str) -> dict[str, str]:
        """Returns the headers of every response to a request from `origin`."""
        if not self.is_on:
            return {}
        headers = {"vary": "Origin", "access-control-expose-headers": _EXPOSED_HEADERS}
        allowed = "*" if "*" in self._origins else origin
        return headers | ({"access-control-allow-origin": allowed} if allowed in self._origins else {})

    def preflight(self, methods: Sequence[str]) -> dict[str, str]:
        """Returns the headers of the response to a preflight request.

        Args:
            methods: Methods of the requested resource.
        """
        return {
            "access-control-allow-methods": ", ".join(methods),
            "access-control-allow-headers": _ACCEPTED_HEADERS,
            "access-control-max-age": _PREFLIGHT_SECONDS,
        }
