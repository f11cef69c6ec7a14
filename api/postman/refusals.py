"""Requests that are refused: every error that can be had from outside."""

import json
from typing import Any

from api.described import Described
from api.errors import Auth
from api.postman.request import CSV, JSON, NOBODY, request
from api.postman.scripts import check, refuses
from api.postman.wrong import misspelled, wrong_row
from bundle import MAX_BODY_BYTES, MAX_ROWS

Json = dict[str, Any]


def refused_requests(model: Described, auth: Auth) -> list[Json]:
    """All of them, by status."""
    row, path = model.manifest.golden[0].instance, model.path
    return [
        *_not_read(path, row),
        *_not_allowed(path, row, auth),
        *_no_such_thing(path, row, auth),
        _predict(path, "406: no such answer", 406, row, {"Accept": "text/html"}),
        *_too_much(path, row),
        _predict(path, "415: not JSON or CSV", 415, "<row/>", {"Content-Type": "text/xml"}),
        _predict(path, "415: compressed", 415, row, {"Content-Encoding": "gzip"}),
        *_wrong(model),
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
) -> Json:
    return request(
        name,
        "POST",
        path,
        headers={"Content-Type": JSON} | (headers or {}),
        query=query,
        body=body,
        before=before or (),
        tests=refuses(status, naming=naming) + (more or []),
    )


def _not_read(path: str, row: Json) -> list[Json]:
    return [
        _predict(path, "400: not JSON", 400, '{"'),
        _predict(path, "400: JSON, but no object", 400, "[]"),
        _predict(path, "400: not CSV", 400, '"', {"Content-Type": CSV}),
        _predict(path, "400: no such parameter", 400, row, query={"on_errors": "skip"}, naming="on_error"),
        _predict(path, "400: no such value", 400, row, query={"on_error": "ignore"}, naming="skip"),
    ]


def _not_allowed(path: str, row: Json, auth: Auth) -> list[Json]:
    name = "403: without a key" if auth == "key" else "403: not signed"
    headers = {"Content-Type": JSON}
    return [request(name, "POST", path, headers=headers, body=row, auth=NOBODY, tests=refuses(403))]


def _no_such_thing(path: str, row: Json, auth: Auth) -> list[Json]:
    # API Gateway does not say that a path is none to those who would have to sign for it.
    missing = 404 if auth == "key" else 403
    headers = {"Content-Type": JSON}
    return [
        request(
            f"{missing}: no such path",
            "POST",
            f"{path}ions",
            headers=headers,
            body=row,
            tests=refuses(missing),
        ),
        request("405: no such method", "GET", path, tests=refuses(405, header="Allow")),
        request(
            "405: no such method (health)",
            "DELETE",
            "/health",
            auth=NOBODY,
            tests=refuses(405, header="Allow"),
        ),
    ]


def _too_much(path: str, row: Json) -> list[Json]:
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


def _wrong(model: Described) -> list[Json]:
    name, wrong = misspelled(model.manifest)
    row = model.manifest.golden[0].instance
    where = check(
        "it names row and field, and the field that may be meant",
        "const [error] = pm.response.json().errors;",
        f"pm.expect(error).to.include({{row: 1, field: {json.dumps(wrong)}}});",
        f"pm.expect(error.rule).to.include({json.dumps(name)});",
    )
    return [
        _predict(
            model.path,
            "422: a field that is none",
            422,
            {"instances": [row, wrong_row(model.manifest)]},
            more=where,
        ),
        _predict(model.path, "422: no rows", 422, {"instances": []}),
    ]
