"""Requests of the collection that are refused: every error that a client can cause."""

import json
from typing import Any

from api.error_table import Auth
from api.model_url_paths import ApiModel, JsonObject
from api.postman.invalid_row import misspelled_field, row_with_unknown_field
from api.postman.request import CSV_CONTENT, JSON_CONTENT, NO_AUTH, request
from api.postman.scripts import check, refuses
from api.postman.warned_row import unfamiliar_rows
from bundle import MAX_BODY_BYTES, MAX_ROWS


def refused_requests(model: ApiModel, auth: Auth) -> list[JsonObject]:
    """Returns the requests in the order of their statuses."""
    row, path = model.manifest.golden[0].instance, model.path
    return [
        *_unreadable(path, row),
        *_unauthorized(path, row, auth),
        *_unknown_route(path, row, auth),
        _predict(path, "406: media type not available", 406, row, {"Accept": "text/html"}),
        *_too_large(path, row),
        _predict(path, "415: not JSON or CSV", 415, "<row/>", {"Content-Type": "text/xml"}),
        _predict(path, "415: compressed", 415, row, {"Content-Encoding": "gzip"}),
        *_invalid_rows(model),
    ]


def _predict(
    path: str,
    name: str,
    status: int,
    body: Any,
    headers: dict[str, str] | None = None,
    *,
    naming: str = "",
    query: dict[str, str] | None = None,
    before: list[str] | None = None,
    more: list[str] | None = None,
) -> JsonObject:
    return request(
        name,
        "POST",
        path,
        headers={"Content-Type": JSON_CONTENT} | (headers or {}),
        query=query,
        body=body,
        before=before or (),
        tests=refuses(status, naming=naming) + (more or []),
    )


def _unreadable(path: str, row: JsonObject) -> list[JsonObject]:
    return [
        _predict(path, "400: not JSON", 400, '{"'),
        _predict(path, "400: JSON, but no object", 400, "[]"),
        _predict(path, "400: not CSV", 400, '"', {"Content-Type": CSV_CONTENT}),
        _predict(path, "400: unknown parameter", 400, row, query={"on_errors": "skip"}, naming="on_error"),
        _predict(
            path, "400: invalid value of a parameter", 400, row, query={"on_error": "ignore"}, naming="skip"
        ),
    ]


def _unauthorized(path: str, row: JsonObject, auth: Auth) -> list[JsonObject]:
    name = "403: without an API key" if auth == "key" else "403: without a signature"
    headers = {"Content-Type": JSON_CONTENT}
    return [request(name, "POST", path, headers=headers, body=row, auth=NO_AUTH, tests=refuses(403))]


def _unknown_route(path: str, row: JsonObject, auth: Auth) -> list[JsonObject]:
    # With signatures API Gateway answers an unknown path with 403.
    missing = 404 if auth == "key" else 403
    headers = {"Content-Type": JSON_CONTENT}
    return [
        request(
            f"{missing}: unknown path",
            "POST",
            f"{path}ions",
            headers=headers,
            body=row,
            tests=refuses(missing),
        ),
        request("405: method not allowed", "GET", path, tests=refuses(405, header="Allow")),
        request(
            "405: method not allowed (health)",
            "DELETE",
            "/health",
            auth=NO_AUTH,
            tests=refuses(405, header="Allow"),
        ),
    ]


def _too_large(path: str, row: JsonObject) -> list[JsonObject]:
    instances = f"JSON.stringify({{instances: Array({MAX_ROWS + 1}).fill({json.dumps(row)})}})"
    spaces = f'"{{" + " ".repeat({MAX_BODY_BYTES}) + "}}"'
    return [
        _predict(
            path,
            name,
            413,
            f"{{{{{variable}}}}}",
            before=[f'pm.variables.set("{variable}", {made});'],
            naming=limit,
        )
        for name, variable, made, limit in (
            ("413: too many rows", "too_many_rows", instances, f"{MAX_ROWS:,}"),
            ("413: too many bytes", "too_many_bytes", spaces, f"{MAX_BODY_BYTES:,}"),
        )
    ]


def _invalid_rows(model: ApiModel) -> list[JsonObject]:
    name, misspelling = misspelled_field(model.manifest)
    row = model.manifest.golden[0].instance
    where = check(
        "it names the row, the unknown field and a similar one",
        "const [error] = pm.response.json().errors;",
        f"pm.expect(error).to.include({{row: 1, field: {json.dumps(misspelling)}}});",
        f"pm.expect(error.rule).to.include({json.dumps(name)});",
    )
    return [
        _predict(
            model.path,
            "422: unknown field",
            422,
            {"instances": [row, row_with_unknown_field(model.manifest)]},
            more=where,
        ),
        _predict(model.path, "422: no rows", 422, {"instances": []}),
        *(
            _predict(model.path, "422: warning, strict", 422, wrong, query={"strict": "true"}, naming=field)
            for field, wrong in unfamiliar_rows(model.manifest)
        ),
    ]
