"""Request of a Postman collection.

Source: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api.model_url_paths import JsonObject

JSON_CONTENT = "application/json"
CSV_CONTENT = "text/csv"
JSON_LINES_CONTENT = "application/jsonlines"

# A request without credentials.
NO_AUTH: JsonObject = {"type": "noauth"}


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
    auth: JsonObject | None = None,
) -> JsonObject:
    """Returns an item of a collection.

    Args:
        name: Name that Postman shows.
        method: HTTP method.
        path: Path below the base URL, such as /predict.
        tests: Lines of the script that tests the response.
        about: Sentence on what the request shows.
        query: Query parameters.
        headers: Request headers.
        body: A string, or another value to encode as JSON; None without a body.
        before: Lines of the script that runs before the request.
        auth: Authorization in place of that of the collection.
    """
    item: JsonObject = {
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
    return {"name": name, "event": events, "request": item, "response": []}


def _url(path: str, query: Mapping[str, str]) -> JsonObject:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return {
        "raw": "{{base_url}}" + path + (f"?{text}" if text else ""),
        "host": ["{{base_url}}"],
        "path": path.strip("/").split("/"),
        **({"query": [{"key": key, "value": value} for key, value in query.items()]} if query else {}),
    }


def _body(body: Any) -> JsonObject:
    raw = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": raw}
