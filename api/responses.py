"""What the paths answer: the document's components/responses, and which path has which."""

from typing import Any

from api.errors import ERRORS, ApiError, Auth, Path, errors_of
from api.examples import csv_answer, examples
from api.schemas import schema
from bundle import Field, Manifest

Json = dict[str, Any]

PROBLEM = "application/problem+json"

_RULE = "is required"

_VERSION = {"x-model-version": {"$ref": "#/components/headers/ModelVersion"}}
_ID = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
_RETRY = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_ALLOW = {"Allow": {"$ref": "#/components/headers/Allow"}}


def headers(manifest: Manifest) -> dict[str, Json]:
    """The document's components/headers."""
    text = {"type": "string"}
    return {
        "ModelVersion": {
            "description": "Version of the model that answered.",
            "required": True,
            "schema": text,
            "example": manifest.version,
        },
        "RequestId": {
            "description": "Names the request in the logs; say it when you ask about one.",
            "required": True,
            "schema": text,
        },
        "RetryAfter": {
            "description": "Seconds after which trying again makes sense.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "Allow": {"description": "The methods that the path has.", "required": True, "schema": text},
    }


def problem_responses(manifest: Manifest, auth: Auth) -> dict[str, Json]:
    """The document's components/responses: one for each error, by its title in one word."""
    return {_name(error): _response(error, manifest.fields) for error in ERRORS if error.auth in (None, auth)}


def responses_of(path: Path, manifest: Manifest, auth: Auth) -> dict[str, Json]:
    """All that the methods of a path answer, by status."""
    problems = {
        str(error.status): {"$ref": f"#/components/responses/{_name(error)}"}
        for error in errors_of(path, auth)
    }
    match path:
        case "/predict":
            return {"200": _answer(manifest), **problems}
        case "/health":
            return {"200": _well(manifest), **problems, "503": _not_well()}
    return {"200": _description(), **problems}


def _answer(manifest: Manifest) -> Json:
    csv = {
        "type": "string",
        "description": "The same predictions as CSV, with a header line unless the request's Accept says "
        "text/csv; header=absent.",
    }
    return {
        "description": "A prediction for every row, in the order of the request's.",
        "headers": _VERSION | _ID,
        "content": {
            "application/json": {"schema": schema("Answer"), "examples": _answers(manifest)},
            "text/csv": {"schema": csv, "examples": {"csv": _csv_answer(manifest)}},
        },
        "links": {
            "health": {
                "operationId": "getHealth",
                "description": "The version that answers the next request.",
            }
        },
    }


def _answers(manifest: Manifest) -> Json:
    shown = {
        example.name: (example.summary, [golden.prediction for golden in example.golden])
        for example in examples(manifest)
    }
    wrong = {"errors": [{"field": manifest.fields[0].name, "rule": _RULE}]}
    shown["skipped"] = ("A wrong row, with on_error=skip", [manifest.golden[0].prediction, wrong])
    model = {"name": manifest.name, "version": manifest.version}
    return {
        name: {"summary": summary, "value": {"predictions": predictions, "model": model}}
        for name, (summary, predictions) in shown.items()
    }


def _csv_answer(manifest: Manifest) -> Json:
    [*_, example] = examples(manifest)
    return {"summary": example.summary, "value": csv_answer(example.golden)}


def _well(manifest: Manifest) -> Json:
    return {
        "description": "A prediction would work now.",
        "headers": _ID,
        "content": {"application/json": {"schema": schema("Health")}},
        "links": {
            "predict": {
                "operationId": "predict",
                "requestBody": manifest.golden[0].instance,
                "description": "A prediction, to try it.",
            }
        },
    }


def _not_well() -> Json:
    content = {PROBLEM: {"schema": schema("HealthProblem")}}
    return {
        "description": "A prediction would not work now.",
        "headers": _ID | _RETRY,
        "content": content,
    }


def _description() -> Json:
    content = {"application/json": {"schema": {"type": "object", "required": ["openapi"]}}}
    return {"description": "This document.", "headers": _ID, "content": content}


def _name(error: ApiError) -> str:
    return error.title.replace(" ", "")


def _response(error: ApiError, fields: tuple[Field, ...]) -> Json:
    return {
        "description": error.when,
        "headers": _ID | (_RETRY if error.retry else {}) | (_ALLOW if error.status == 405 else {}),
        "content": {PROBLEM: {"schema": schema("Problem"), "example": _problem(error, fields)}},
    }


def _problem(error: ApiError, fields: tuple[Field, ...]) -> Json:
    wrong = {"errors": [{"row": 0, "field": fields[0].name, "rule": _RULE}]}
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **(wrong if error.status == 422 else {}),
        "request_id": "6f2b7c1e-0d5a-4f7e-9a55-3f1f0c3b8a90",
    }
