"""What the paths answer: the document's components/responses, and which path has which."""

from api.described import Described, Models
from api.errors import ERRORS, ApiError, Auth, Path, errors_of
from api.names import predict_pattern, routes
from api.openapi.examples import csv_answer, examples
from api.openapi.parts import Json, schema
from bundle import Field, Manifest

PROBLEM = "application/problem+json"

_RULE = "is required"
# Its example names a field.
_OF_THE_MODEL = 422

_ID = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
_RETRY = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_ALLOW = {"Allow": {"$ref": "#/components/headers/Allow"}}


def headers(models: Models) -> dict[str, Json]:
    """The document's components/headers."""
    text = {"type": "string"}
    versions = {
        model.own("ModelVersion"): {
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


def problem_responses(models: Models, auth: Auth) -> dict[str, Json]:
    """The document's components/responses: one for each error, by its title in one word."""
    names = [model.name for model in models]
    told = {"routes": routes(names), "predict": predict_pattern(names)}
    return {
        _name(error, model): _response(error, model.manifest.fields, error.detail.format(**told))
        for error in ERRORS
        if error.auth in (None, auth)
        for model in models
    }


def answers_of_predict(model: Described, auth: Auth) -> dict[str, Json]:
    """All that POST answers where a model is asked, by status."""
    return {"200": _answer(model), **_problems("/predict", model, auth)}


def answers_of_health(models: Models, auth: Auth) -> dict[str, Json]:
    """All that GET /health answers, by status."""
    return {"200": _well(models), **_problems("/health", models[0], auth), "503": _not_well()}


def answers_of_description(models: Models, auth: Auth) -> dict[str, Json]:
    """All that GET /openapi.json answers, by status."""
    return {"200": _description(), **_problems("/openapi.json", models[0], auth)}


def _problems(path: Path, model: Described, auth: Auth) -> dict[str, Json]:
    return {
        str(error.status): {"$ref": f"#/components/responses/{_name(error, model)}"}
        for error in errors_of(path, auth)
    }


def _answer(model: Described) -> Json:
    csv = {
        "type": "string",
        "description": "The same predictions as CSV, with a header line unless the request's Accept says "
        "text/csv; header=absent.",
    }
    version = {"x-model-version": {"$ref": f"#/components/headers/{model.own('ModelVersion')}"}}
    return {
        "description": "A prediction for every row, in the order of the request's.",
        "headers": version | _ID,
        "content": {
            "application/json": {"schema": model.schema("Answer"), "examples": _answers(model.manifest)},
            "text/csv": {"schema": csv, "examples": {"csv": _csv_answer(model.manifest)}},
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


def _well(models: Models) -> Json:
    return {
        "description": "A prediction would work now.",
        "headers": _ID,
        "content": {"application/json": {"schema": schema("Health")}},
        "links": {
            model.operation: {
                "operationId": model.operation,
                "requestBody": model.manifest.golden[0].instance,
                "description": "A prediction, to try it.",
            }
            for model in models
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


def _name(error: ApiError, model: Described) -> str:
    name = error.title.replace(" ", "")
    return model.own(name) if error.status == _OF_THE_MODEL else name


def _response(error: ApiError, fields: tuple[Field, ...], detail: str) -> Json:
    return {
        "description": error.when,
        "headers": _ID | (_RETRY if error.retry else {}) | (_ALLOW if error.status == 405 else {}),
        "content": {PROBLEM: {"schema": schema("Problem"), "example": _problem(error, fields, detail)}},
    }


def _problem(error: ApiError, fields: tuple[Field, ...], detail: str) -> Json:
    wrong = {"errors": [{"row": 0, "field": fields[0].name, "rule": _RULE}]}
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": detail,
        **(wrong if error.status == _OF_THE_MODEL else {}),
        "request_id": "6f2b7c1e-0d5a-4f7e-9a55-3f1f0c3b8a90",
    }
