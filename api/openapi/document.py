"""The API's description: OpenAPI 3.1.

Source: https://spec.openapis.org/oas/v3.1.1.html
"""

from api.described import Described, Models, describe
from api.errors import Auth
from api.openapi.examples import examples
from api.openapi.info import info
from api.openapi.parameters import all_parameters, references
from api.openapi.parts import Json
from api.openapi.responses import (
    answers_of_description,
    answers_of_health,
    answers_of_predict,
    headers,
    problem_responses,
)
from api.openapi.schemas import schemas
from bundle import CSV_FORMAT, MAX_BODY_BYTES, MAX_ROWS, Manifest

# The signature is too much for OpenAPI's own words; these are the ones API Gateway exports.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
_SECURITY: dict[Auth, Json] = {
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
        "description": "An AWS signature (version 4) of somebody who has the permission execute-api:Invoke.",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
}
_SCHEME: dict[Auth, str] = {"key": "ApiKey", "iam": "Signature"}


def openapi_document(*manifests: Manifest, auth: Auth = "key") -> Json:
    """The OpenAPI document of an API: the same for the same manifests.

    Args:
        manifests: Of the bundles that are served: of one model, or of several, each with a path and parts of
            its own.
        auth: How callers of /predict show that they may: by an API key, or by AWS signatures.
    """
    models = describe(manifests)
    predictions = {model.path: {"post": _predict(model, auth)} for model in models}
    health = _get("getHealth", "Would a prediction work now?", answers_of_health(models, auth))
    description = _get("getDescription", "This document", answers_of_description(models, auth))
    return {
        "openapi": "3.1.0",
        "info": info(manifests),
        "servers": [{"url": ".", "description": "Where this document is."}],
        "tags": _tags(models),
        "paths": {**predictions, "/health": {"get": health}, "/openapi.json": {"get": description}},
        "components": {
            "schemas": schemas(models),
            "parameters": all_parameters(models),
            "headers": headers(models),
            "responses": problem_responses(models, auth),
            "securitySchemes": {_SCHEME[auth]: _SECURITY[auth]},
        },
    }


def _tags(models: Models) -> list[Json]:
    return [
        *(
            {
                "name": model.tag,
                "description": f"What the model {f'{model.name} ' if model.mark else ''}says about rows.",
            }
            for model in models
        ),
        {"name": "service", "description": "What is there, and whether it works."},
    ]


def _predict(model: Described, auth: Auth) -> Json:
    return {
        "operationId": model.operation,
        "tags": [model.tag],
        "summary": "Predict rows",
        "description": f"Up to {MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes, as JSON or CSV. An optional "
        "field is left out, null or an empty cell where it is not known. The header Accept says whether the "
        "predictions come back as JSON, the default, or as CSV; what is refused is always told in JSON.",
        "security": [{_SCHEME[auth]: []}],
        "parameters": references(model),
        "requestBody": {"required": True, "content": _bodies(model)},
        "responses": answers_of_predict(model, auth),
    }


def _bodies(model: Described) -> Json:
    shown: dict[str, Json] = {"application/json": {}, "text/csv": {}}
    for example in examples(model.manifest):
        shown[example.media_type][example.name] = {"summary": example.summary, "value": example.body}
    csv = {
        "type": "string",
        "format": CSV_FORMAT,
        "minLength": 1,
        "description": "Comma-separated values (RFC 4180). The content type may say header=present or "
        "header=absent; otherwise the first line is a header when at least half of its cells are names of "
        "fields. A header may name the fields in any order, and leave optional ones out.",
    }
    bodies = {"application/json": model.schema("Request"), "text/csv": csv}
    return {name: {"schema": body, "examples": shown[name]} for name, body in bodies.items()}


def _get(operation: str, summary: str, answers: Json) -> Json:
    return {
        "operationId": operation,
        "tags": ["service"],
        "summary": summary,
        "security": [],
        "responses": answers,
    }
