"""One request of a Postman collection.

Source: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

JSON = "application/json"
CSV = "text/csv"

# What a caller sends who has not shown that they may ask.
NOBODY: Json = {"type": "noauth"}


def request(
    name: str,
    method: str,
    path: str,
    *,
    tests: Sequence[str],
    about: str = "",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    before: Sequence[str] = (),
    auth: Json | None = None,
) -> Json:
    """An item of a collection.

    Args:
        name: What a person reads.
        method: Of HTTP.
        path: Below the base URL, as /predict.
        tests: The script that holds the answer against what it should be, by lines.
        about: What the request shows.
        query: Query parameters.
        headers: Request headers.
        body: The body: a text as it is, anything else as JSON; None without one.
        before: The script that runs before the request, by lines.
        auth: How the request shows that it may ask, when not as the collection says.
    """
    asked: Json = {
        "method": method,
        "header": [{"key": key, "value": value} for key, value in (headers or {}).items()],
        "url": _url(path, query or {}),
        **({"body": _body(body)} if body is not None else {}),
        **({"auth": auth} if auth else {}),
        **({"description": about} if about else {}),
    }
    scripts = {"prerequest": before, "test": tests}
    events = [
        {"listen": listen, "script": {"type": "text/javascript", "exec": [*lines]}}
        for listen, lines in scripts.items()
        if lines
    ]
    return {"name": name, "event": events, "request": asked, "response": []}


def _url(path: str, query: Mapping[str, str]) -> Json:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return {
        "raw": "{{base_url}}" + path + (f"?{text}" if text else ""),
        "host": ["{{base_url}}"],
        "path": path.strip("/").split("/"),
        **({"query": [{"key": key, "value": value} for key, value in query.items()]} if query else {}),
    }


def _body(body: Any) -> Json:
    raw = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": raw}
