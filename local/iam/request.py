"""The request in progress: its parameters, by which a call passes a role or names its resources."""

import contextvars
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """An API request.

    Attributes:
        parameters: Its members: those of a JSON body, or of a form.
        path: The path of its URL.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    path: str = "/"

    def text(self, name: str) -> str:
        """Returns a member that is a string, or ""."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """Returns a member that is a list of strings: in JSON, or as name.member.N of a form."""
        value = self.parameters.get(name)
        if isinstance(value, list):
            return [item for item in value if isinstance(item, str)]
        prefix = f"{name}.member."
        return [str(self.parameters[key]) for key in sorted(self.parameters) if key.startswith(prefix)]


current_request: contextvars.ContextVar[ApiRequest] = contextvars.ContextVar(
    "current_request",
    default=ApiRequest(),  # noqa: B039 - it is immutable
)

# Action and resource of the last decision about the request in progress, for the message of a refusal.
decided_call: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar(
    "decided_call", default=("", "*")
)


def read_request(path: str, body: bytes, query: Mapping[str, Any]) -> ApiRequest:
    """Reads the parameters of a request.

    Args:
        path: The path of its URL.
        body: JSON or a form; other bodies have no parameters.
        query: The parameters of the URL, a list of values by name.
    """
    members: dict[str, Any] = {name: _first(values) for name, values in query.items()}
    if body[:1] == b"{":
        try:
            members.update(json.loads(body))
        except ValueError:
            return ApiRequest(parameters=members, path=path)
    elif body and b"=" in body[:200] and body.isascii():
        members.update({name: values[0] for name, values in parse_qs(body.decode()).items()})
    return ApiRequest(parameters=members, path=path)


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list) and values else values
