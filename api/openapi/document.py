"""OpenAPI 3.1 document: its paths and the composition of all parts.

Source: https://spec.openapis.org/oas/v3.1.1.html
"""

from collections import defaultdict

from api.error_table import Auth
from api.model_url_paths import ApiModel, ApiModels, JsonObject, api_models
from api.openapi.examples import examples
from api.openapi.info import info
from api.openapi.parameters import all_parameters, references
from api.openapi.responses import (
    description_responses,
    headers,
    health_responses,
    page_responses,
    predict_responses,
    problem_responses,
)
from api.openapi.schemas import schemas
from api.routes import PAGE_PATH
from bundle import CSV_FORMAT, JSON_LINES_FORMAT, MAX_BODY_BYTES, MAX_ROWS, Manifest

# OpenAPI has no type for AWS signatures; this is the form that API Gateway exports.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
_SECURITY: dict[Auth, JsonObject] = {
    "key": {
        "type": "apiKey",
        "name": "x-api-key",
        "in": "header",
        "description": "The value of the API's key.",
    },
    "iam": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "description": "AWS signature (version 4) of a caller with the permission execute-api:Invoke.",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
}
_SCHEME: dict[Auth, str] = {"key": "ApiKey", "iam": "Signature"}


def openapi_document(*manifests: Manifest, auth: Auth = "key", has_page: bool = True) -> JsonObject:
    """Returns the OpenAPI document of an API: the same for the same manifests.

    Args:
        manifests: Manifests of the models; each of several models has its own path and components.
        auth: Authorization of predictions: by an API key, or by AWS signatures.
        has_page: Whether the API has the pages for people.
    """
    models = api_models(manifests)
    predictions = {model.path: {"post": _predict(model, auth)} for model in models}
    health = _get("getHealth", "Health of the models", health_responses(models, auth))
    description = _get("getDescription", "This document", description_responses(models, auth))
    return {
        "openapi": "3.1.0",
        "info": info(manifests),
        "servers": [{"url": ".", "description": "The URL of this document, without its last part."}],
        "tags": _tags(models),
        "paths": {
            **predictions,
            **(_pages(models, auth) if has_page else {}),
            "/health": {"get": health},
            "/openapi.json": {"get": description},
        },
        "components": {
            "schemas": schemas(models),
            "parameters": all_parameters(models),
            "headers": headers(models),
            "responses": problem_responses(models, auth, has_page=has_page),
            "securitySchemes": {_SCHEME[auth]: _SECURITY[auth]},
        },
    }


def _pages(models: ApiModels, auth: Auth) -> dict[str, JsonObject]:
    name = {
        "name": "model",
        "in": "query",
        "description": "Name of the model; without it the page of several models lists them.",
        "schema": {"type": "string", "enum": [model.name for model in models]},
    }
    asking = "Page for people, to ask the models in a browser"
    reading = "Page for people, to read this document and to try it"
    about = "Page for people about a model: the report of its training, or a card"
    return {
        PAGE_PATH: {"get": _get("getPage", asking, page_responses(PAGE_PATH, models, auth))},
        "/docs": {"get": _get("getDocs", reading, page_responses("/docs", models, auth))},
        "/model": {
            "get": _get("getModel", about, page_responses("/model", models, auth)) | {"parameters": [name]}
        },
    }


def _tags(models: ApiModels) -> list[JsonObject]:
    return [
        *(
            {
                "name": model.tag,
                "description": f"Predictions of the model{f' {model.name}' if model.prefix else ''}.",
            }
            for model in models
        ),
        {"name": "service", "description": "Description and health of the API."},
    ]


def _predict(model: ApiModel, auth: Auth) -> JsonObject:
    return {
        "operationId": model.operation,
        "tags": [model.tag],
        "summary": "Predict rows",
        "description": f"Up to {MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes, as JSON, JSON Lines or CSV. "
        "An optional field may be omitted, null or an empty cell. The header Accept selects JSON, the "
        "default, JSON Lines or CSV for the predictions; errors are always JSON.",
        "security": [{_SCHEME[auth]: []}],
        "parameters": references(model),
        "requestBody": {"required": True, "content": _bodies(model)},
        "responses": predict_responses(model, auth),
    }


def _bodies(model: ApiModel) -> JsonObject:
    shown: defaultdict[str, JsonObject] = defaultdict(dict)
    for example in examples(model.manifest):
        shown[example.media_type][example.name] = {"summary": example.summary, "value": example.body}
    csv = {
        "type": "string",
        "format": CSV_FORMAT,
        "minLength": 1,
        "description": "Comma-separated values (RFC 4180). The content type may have the parameter "
        "header=present or header=absent; otherwise the first line is a header if at least half of its cells "
        "are names of fields. A header may have the fields in any order, and omit optional ones.",
    }
    lines = {
        "type": "string",
        "format": JSON_LINES_FORMAT,
        "minLength": 1,
        "description": "One row per line (JSON Lines): a JSON object, or an array of the values in the order "
        "of the fields. The content types application/jsonl and application/ndjson mean the same.",
    }
    bodies = {
        "application/json": model.schema("Request"),
        "application/jsonlines": lines,
        "text/csv": csv,
    }
    return {name: {"schema": body, "examples": shown[name]} for name, body in bodies.items()}


def _get(operation: str, summary: str, answers: JsonObject) -> JsonObject:
    return {
        "operationId": operation,
        "tags": ["service"],
        "summary": summary,
        "security": [],
        "responses": answers,
    }
