"""A request as API Gateway hands it over, of which any part may be missing or be something else."""

import base64
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .problem import ProblemError
from .question import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

# What InvokeEndpoint takes for ContentType, Accept and CustomAttributes.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
_LONGEST = 1024
_PRINTABLE = re.compile(rf"[\x20-\x7e]{{0,{_LONGEST}}}")
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_JSON = "application/json"


class Request:
    """One request of a proxy integration.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

    Args:
        event: What the function was called with.
        context: What Lambda tells of the call.

    Attributes:
        id: API Gateway's name of the request; without one Lambda's, or one of our own.
        method: HTTP method.
        resource: The API's resource, as /predict.
    """

    def __init__(self, event: object, context: object) -> None:
        self._event: Mapping[str, Any] = event if isinstance(event, dict) else {}
        told = self._event.get("requestContext")
        gateway_id = told.get("requestId") if isinstance(told, dict) else None
        lambda_id = getattr(context, "aws_request_id", None)
        self.id = _id(gateway_id) or _id(lambda_id) or os.urandom(16).hex()
        self.method = self._text("httpMethod")
        self.resource = self._text("resource")
        self._headers = _headers(self._event.get("headers"), self._event.get("multiValueHeaders"))

    def header(self, name: str) -> str:
        """The value of a header by its name in lower case, "" when there is none."""
        return self._headers.get(name, "")

    def question(self, *, max_bytes: int, too_large: str) -> Question:
        """What is to be sent to the model.

        Args:
            max_bytes: The longest body it answers.
            too_large: What the client is told about a longer one, after its length.

        Raises:
            ProblemError: The body is compressed, not text, or too long; a header or the query is not what an
                endpoint accepts.
        """
        if self.header("content-encoding").strip().lower() not in ("", "identity"):
            raise ProblemError("encoded")
        body = self._body()
        if len(body) > max_bytes:
            raise ProblemError("too_large", f"The body has {len(body):,} bytes. {too_large}")
        return Question(
            body=body,
            content_type=_printable("Content-Type", self.header("content-type")) or _JSON,
            accept=_printable("Accept", self.header("accept")) or _JSON,
            query=_printable("query", self._query()),
        )

    def _text(self, name: str) -> str:
        value = self._event.get(name)
        return value if isinstance(value, str) else ""

    def _body(self) -> bytes:
        body = self._event.get("body")
        if body is None:
            return b""
        try:
            return base64.b64decode(body, validate=True) if self._is_binary else body.encode()
        except (ValueError, TypeError, AttributeError):
            raise ProblemError("refused", "The body is neither text in UTF-8 nor valid base64.") from None

    @property
    def _is_binary(self) -> bool:
        return bool(self._event.get("isBase64Encoded"))

    def _query(self) -> str:
        """The query as it was sent, which API Gateway has decoded."""
        given = self._event.get("multiValueQueryStringParameters") or self._event.get("queryStringParameters")
        if not isinstance(given, dict):
            return ""
        pairs = [
            (name, value)
            for name, values in given.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _headers(single: object, multiple: object) -> dict[str, str]:
    """All headers by their names in lower case; of one that came more than once all values."""
    found = {}
    if isinstance(single, dict):
        found = {name.lower(): value for name, value in single.items() if _are_texts(name, value)}
    if isinstance(multiple, dict):
        for name, values in multiple.items():
            if isinstance(values, list) and values and _are_texts(name, *values):
                found[name.lower()] = ", ".join(values)
    return found


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _quoted(value: object) -> str:
    return quote("" if value is None else str(value), safe="", errors="replace")


def _printable(name: str, value: str) -> str:
    if not _PRINTABLE.fullmatch(value):
        raise ProblemError(
            "refused", f"The {name} has more than {_LONGEST} characters, or one that is not printable ASCII."
        )
    return value


def _id(name: object) -> str:
    return name if isinstance(name, str) and _ID.fullmatch(name) else ""
