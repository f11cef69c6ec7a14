"""Requests that are refused: every error that can be had from outside."""

import json
from typing import Any

from api.errors import Auth
from api.postman.request import CSV, JSON, NOBODY, request
from api.postman.scripts import check, refuses
from api.postman.wrong import misspelled, wrong_row
from bundle import MAX_BODY_BYTES, MAX_ROWS, Manifest

Json = dict[str, Any]


def refused_requests(manifest: Manifest, auth: Auth) -> list[Json]:
    """All of them, by status."""
    row = manifest.golden[0].instance
    return [
        *_not_read(row),
        *_not_allowed(row, auth),
        *_no_such_thing(row, auth),
        _predict("406: no such answer", 406, row, {"Accept": "text/html"}),
        *_too_much(row),
        _predict("415: not JSON or CSV", 415, "<row/>", {"Content-Type": "text/xml"}),
        _predict("415: compressed", 415, row, {"Content-Encoding": "gzip"}),
        *_wrong(manifest),
    ]


def _predict(
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
        "/predict",
        headers={"Content-Type": JSON} | (headers or {}),
        query=query,
        body=body,
        before=before or (),
        tests=refuses(status, naming=naming) + (more or []),
    )


def _not_read(row: Json) -> list[Json]:
    return [
        _predict("400: not JSON", 400, '{"'),
        _predict("400: JSON, but no object", 400, "[]"),
        _predict("400: not CSV", 400, '"', {"Content-Type": CSV}),
        _predict("400: no such parameter", 400, row, query={"on_errors": "skip"}, naming="on_error"),
        _predict("400: no such value", 400, row, query={"on_error": "ignore"}, naming="skip"),
    ]


def _not_allowed(row: Json, auth: Auth) -> list[Json]:
    name = "403: without a key" if auth == "key" else "403: not signed"
    headers = {"Content-Type": JSON}
    return [request(name, "POST", "/predict", headers=headers, body=row, auth=NOBODY, tests=refuses(403))]


def _no_such_thing(row: Json, auth: Auth) -> list[Json]:
    # API Gateway does not say that a path is none to those who would have to sign for it.
    missing = 404 if auth == "key" else 403
    headers = {"Content-Type": JSON}
    return [
        request(
            f"{missing}: no such path",
            "POST",
            "/predictions",
            headers=headers,
            body=row,
            tests=refuses(missing),
        ),
        request("405: no such method", "GET", "/predict", tests=refuses(405, header="Allow")),
        request(
            "405: no such method (health)",
            "DELETE",
            "/health",
            auth=NOBODY,
            tests=refuses(405, header="Allow"),
        ),
    ]


def _too_much(row: Json) -> list[Json]:
    instances = f"JSON.stringify({{instances: Array({MAX_ROWS + 1}).fill({json.dumps(row)})}})"
    spaces = f'"{{" + " ".repeat({MAX_BODY_BYTES}) + "}}"'
    return [
        _predict(
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


def _wrong(manifest: Manifest) -> list[Json]:
    name, wrong = misspelled(manifest)
    row = manifest.golden[0].instance
    where = check(
        "it names row and field, and the field that may be meant",
        "const [error] = pm.response.json().errors;",
        f"pm.expect(error).to.include({{row: 1, field: {json.dumps(wrong)}}});",
        f"pm.expect(error.rule).to.include({json.dumps(name)});",
    )
    return [
        _predict("422: a field that is none", 422, {"instances": [row, wrong_row(manifest)]}, more=where),
        _predict("422: no rows", 422, {"instances": []}),
    ]
