"""Responses of the paths, and the document's components/responses and components/headers."""

from api.error_table import ERRORS, ApiError, Auth, Path, errors_of
from api.model_url_paths import ApiModel, ApiModels, JsonObject
from api.openapi.examples import csv_answer, examples, json_lines_answer, served_prediction
from api.openapi.schema_builders import schema_reference
from api.routes import predict_pattern, routes
from bundle import PROBLEM_MEDIA_TYPE, Field, Manifest

_RULE = "is required"
# Its example names a field of the model.
_OF_THE_MODEL = 422

_ID = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
_RETRY = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_ALLOW = {"Allow": {"$ref": "#/components/headers/Allow"}}


def headers(models: ApiModels) -> dict[str, JsonObject]:
    """Returns the document's components/headers."""
    text = {"type": "string"}
    versions = {
        model.component("ModelVersion"): {
            "description": "Version of the model that answered.",
            "required": True,
            "schema": text,
            "example": model.manifest.version,
        }
        for model in models
    }
    return {
        **versions,
        "RequestId": {
            "description": "Id of the request in logs and captures: quote it in questions and outcomes.",
            "required": True,
            "schema": text,
        },
        "RetryAfter": {
            "description": "Seconds to wait before a retry.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "Allow": {"description": "Methods of the path.", "required": True, "schema": text},
    }


def problem_responses(models: ApiModels, auth: Auth, *, has_page: bool) -> dict[str, JsonObject]:
    """Returns the document's components/responses: one for each status, by its title without spaces."""
    names = [model.name for model in models]
    values = {"routes": routes(names, has_page=has_page), "predict": predict_pattern(names)}
    by_status: dict[int, list[ApiError]] = {}
    for error in ERRORS:
        if error.auth in (None, auth):
            by_status.setdefault(error.status, []).append(error)
    return {
        _name(first, model): _response(first, model.manifest.fields, first.detail.format(**values))
        | {"description": " Or: ".join(error.when for error in (first, *others))}
        for first, *others in by_status.values()
        for model in models
    }


def predict_responses(model: ApiModel, auth: Auth) -> dict[str, JsonObject]:
    """Returns the responses of POST for predictions, by status."""
    return {"200": _answer(model), **_problems("/predict", model, auth)}


def health_responses(models: ApiModels, auth: Auth) -> dict[str, JsonObject]:
    """Returns the responses of GET /health, by status."""
    return {"200": _healthy(models), **_problems("/health", models[0], auth), "503": _unhealthy()}


def page_responses(path: Path, models: ApiModels, auth: Auth) -> dict[str, JsonObject]:
    """Returns the responses of GET of a page for people, by status."""
    content = {"text/html": {"schema": {"type": "string"}}}
    page = {"description": "The page.", "headers": _ID, "content": content}
    same = {"description": "The page that the client has, as its If-None-Match says.", "headers": _ID}
    return {"200": page, "304": same, **_problems(path, models[0], auth)}


def description_responses(models: ApiModels, auth: Auth) -> dict[str, JsonObject]:
    """Returns the responses of GET /openapi.json, by status."""
    return {"200": _description(), **_problems("/openapi.json", models[0], auth)}


def _problems(path: Path, model: ApiModel, auth: Auth) -> dict[str, JsonObject]:
    return {
        str(error.status): {"$ref": f"#/components/responses/{_name(error, model)}"}
        for error in errors_of(path, auth)
    }


def _answer(model: ApiModel) -> JsonObject:
    csv = {
        "type": "string",
        "description": "The same predictions as CSV, with a header line unless the request's Accept is "
        "text/csv; header=absent.",
    }
    lines = {
        "type": "string",
        "description": "The same predictions, one per line; the version is in x-model-version only.",
    }
    version = {"x-model-version": {"$ref": f"#/components/headers/{model.component('ModelVersion')}"}}
    return {
        "description": "A prediction for every row, in the order of the request.",
        "headers": version | _ID,
        "content": {
            "application/json": {"schema": model.schema("Answer"), "examples": _answers(model.manifest)},
            "application/jsonlines": {
                "schema": lines,
                "examples": {"json_lines": _json_lines_answer(model.manifest)},
            },
            "text/csv": {"schema": csv, "examples": {"csv": _csv_answer(model.manifest)}},
        },
        "links": {
            "health": {
                "operationId": "getHealth",
                "description": "Version of the model that answers now.",
            }
        },
    }


def _answers(manifest: Manifest) -> JsonObject:
    shown = {
        example.name: (example.summary, [served_prediction(manifest, golden) for golden in example.golden])
        for example in examples(manifest)
    }
    wrong = {"errors": [{"field": manifest.fields[0].name, "rule": _RULE}]}
    shown["skipped"] = (
        "An invalid row, with on_error=skip",
        [served_prediction(manifest, manifest.golden[0]), wrong],
    )
    model = {"name": manifest.name, "version": manifest.version}
    return {
        name: {"summary": summary, "value": {"predictions": predictions, "model": model}}
        for name, (summary, predictions) in shown.items()
    }


def _csv_answer(manifest: Manifest) -> JsonObject:
    [*_, example] = examples(manifest)
    return {"summary": example.summary, "value": csv_answer(manifest, example.golden)}


def _json_lines_answer(manifest: Manifest) -> JsonObject:
    [example] = [example for example in examples(manifest) if example.name == "json_lines"]
    return {"summary": example.summary, "value": json_lines_answer(manifest, example.golden)}


def _healthy(models: ApiModels) -> JsonObject:
    return {
        "description": "All models answer predictions.",
        "headers": _ID,
        "content": {"application/json": {"schema": schema_reference("Health")}},
        "links": {
            model.operation: {
                "operationId": model.operation,
                "requestBody": model.manifest.golden[0].instance,
                "description": "A prediction of a golden row.",
            }
            for model in models
        },
    }


def _unhealthy() -> JsonObject:
    content = {PROBLEM_MEDIA_TYPE: {"schema": schema_reference("HealthProblem")}}
    return {
        "description": "A model does not answer predictions.",
        "headers": _ID | _RETRY,
        "content": content,
    }


def _description() -> JsonObject:
    content = {"application/json": {"schema": {"type": "object", "required": ["openapi"]}}}
    return {"description": "This document.", "headers": _ID, "content": content}


def _name(error: ApiError, model: ApiModel) -> str:
    name = error.title.replace(" ", "")
    return model.component(name) if error.status == _OF_THE_MODEL else name


def _response(error: ApiError, fields: tuple[Field, ...], detail: str) -> JsonObject:
    return {
        "headers": _ID | (_RETRY if error.retry_after else {}) | (_ALLOW if error.status == 405 else {}),
        "content": {
            PROBLEM_MEDIA_TYPE: {
                "schema": schema_reference("Problem"),
                "example": _problem(error, fields, detail),
            }
        },
    }


def _problem(error: ApiError, fields: tuple[Field, ...], detail: str) -> JsonObject:
    wrong = {"errors": [{"row": 0, "field": fields[0].name, "rule": _RULE}]}
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": detail,
        **(wrong if error.status == _OF_THE_MODEL else {}),
        "request_id": "6f2b7c1e-0d5a-4f7e-9a55-3f1f0c3b8a90",
    }
