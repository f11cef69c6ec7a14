"""API Gateway's proxy integration: its request, its response, and CORS headers."""

import base64
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from .model_call import ModelRequest
from .problem import ProblemError

# Limits of InvokeEndpoint for ContentType, Accept and CustomAttributes.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
_MAX_CHARACTERS = 1024
_PRINTABLE = re.compile(rf"[\x20-\x7e]{{0,{_MAX_CHARACTERS}}}")
# The id goes to the endpoint as InferenceId, which has 64 characters at most (same page).
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,64}")
_JSON = "application/json"

_EXPOSED_HEADERS = "x-model-version, x-request-id, retry-after"
_ACCEPTED_HEADERS = "accept, authorization, content-type, x-amz-date, x-amz-security-token, x-api-key"
_PREFLIGHT_SECONDS = "600"


class ProxyRequest:
    """Request of an API Gateway proxy integration; parts of the event may be missing or of another type.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

    Args:
        event: Event of the invocation.
        context: Lambda's context object.

    Attributes:
        id: Request id of API Gateway; without one that of Lambda, or a random one.
        method: HTTP method.
        resource: Resource of the API, such as /predict.
    """

    def __init__(self, event: object, context: object) -> None:
        self._event: Mapping[str, Any] = event if isinstance(event, dict) else {}
        gateway = self._event.get("requestContext")
        gateway_id = gateway.get("requestId") if isinstance(gateway, dict) else None
        lambda_id = getattr(context, "aws_request_id", None)
        self.id = _valid_id(gateway_id) or _valid_id(lambda_id) or os.urandom(16).hex()
        self.method = self._text("httpMethod")
        self.resource = self._text("resource")
        self._headers = _headers(self._event.get("headers"), self._event.get("multiValueHeaders"))

    def header(self, name: str) -> str:
        """Returns the value of a header by its name in lower case, "" without it."""
        return self._headers.get(name, "")

    def parameter(self, name: str) -> list[object]:
        """Returns the values of a query parameter, none without it."""
        return [value for known, value in self._parameters() if known == name]

    def inference_request(self, *, max_bytes: int, too_large: str) -> ModelRequest:
        """Returns the request for the model.

        Args:
            max_bytes: Largest body that a model accepts.
            too_large: Sentence that the error for a larger body ends with.

        Raises:
            ProblemError: The body is compressed, not text or too large; a header or the query string is not
                what an endpoint accepts.
        """
        if self.header("content-encoding").strip().lower() not in ("", "identity"):
            raise ProblemError("encoded")
        body = self._body()
        if len(body) > max_bytes:
            raise ProblemError("too_large", f"The body has {len(body):,} bytes. {too_large}")
        return ModelRequest(
            body=body,
            content_type=_printable("Content-Type", self.header("content-type")) or _JSON,
            accept=_printable("Accept", self.header("accept")) or _JSON,
            query=_printable("query", self._query()),
            id=self.id,
        )

    def _text(self, name: str) -> str:
        return value if isinstance(value := self._event.get(name), str) else ""

    def _body(self) -> bytes:
        body = self._event.get("body")
        if body is None:
            return b""
        try:
            is_binary = bool(self._event.get("isBase64Encoded"))
            return base64.b64decode(body, validate=True) if is_binary else body.encode()
        except (ValueError, TypeError, AttributeError):
            raise ProblemError("refused", "The body is neither text in UTF-8 nor valid base64.") from None

    def _query(self) -> str:
        """Returns the query string, each parameter after "&", encoded again: API Gateway decodes it."""
        # The first "&" tells a container that the custom attributes are a query, and not another caller's.
        return "".join(f"&{_quoted(name)}={_quoted(value)}" for name, value in self._parameters())

    def _parameters(self) -> Iterator[tuple[object, object]]:
        several = self._event.get("multiValueQueryStringParameters")
        parameters = several or self._event.get("queryStringParameters")
        for name, values in parameters.items() if isinstance(parameters, dict) else ():
            for value in values if isinstance(values, list) else [values]:
                yield name, value


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


def _headers(single: object, multiple: object) -> dict[str, str]:
    """Returns header values by name in lower case; the values of a repeated header are joined."""
    found = {}
    if isinstance(single, dict):
        found = {name.lower(): value for name, value in single.items() if _all_text(name, value)}
    if isinstance(multiple, dict):
        for name, values in multiple.items():
            if isinstance(values, list) and values and _all_text(name, *values):
                found[name.lower()] = ", ".join(values)
    return found


def _all_text(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _quoted(value: object) -> str:
    return quote("" if value is None else str(value), safe="", errors="replace")


def _printable(name: str, value: str) -> str:
    if not _PRINTABLE.fullmatch(value):
        raise ProblemError(
            "refused",
            f"The {name} has more than {_MAX_CHARACTERS} characters, or one that is not printable ASCII.",
        )
    return value


def _valid_id(name: object) -> str:
    return name if isinstance(name, str) and _REQUEST_ID.fullmatch(name) else ""
