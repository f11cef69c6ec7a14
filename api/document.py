"""The API's description: OpenAPI 3.1.

Source: https://spec.openapis.org/oas/v3.1.1.html
"""

from typing import Any

from api.errors import Auth, Path
from api.examples import examples
from api.parameters import parameters
from api.responses import headers, problem_responses, responses_of
from api.schemas import schema, schemas
from bundle import CSV_FORMAT, MAX_BODY_BYTES, MAX_ROWS, Manifest

Json = dict[str, Any]

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


def openapi_document(manifest: Manifest, *, auth: Auth = "key") -> Json:
    """The OpenAPI document of a model's API: the same for the same manifest.

    Args:
        manifest: Of the bundle that is served.
        auth: How callers of /predict show that they may: by an API key, or by AWS signatures.
    """
    return {
        "openapi": "3.1.0",
        "info": _info(manifest),
        "servers": [{"url": ".", "description": "Where this document is."}],
        "tags": [
            {"name": "predictions", "description": "What the model says about rows."},
            {"name": "service", "description": "What is there, and whether it works."},
        ],
        "paths": {
            "/predict": {"post": _predict(manifest, auth)},
            "/health": {"get": _get("getHealth", "Would a prediction work now?", "/health", manifest, auth)},
            "/openapi.json": {
                "get": _get("getDescription", "This document", "/openapi.json", manifest, auth)
            },
        },
        "components": {
            "schemas": schemas(manifest),
            "parameters": parameters(manifest),
            "headers": headers(manifest),
            "responses": problem_responses(manifest, auth),
            "securitySchemes": {_SCHEME[auth]: _SECURITY[auth]},
        },
    }


def _info(manifest: Manifest) -> Json:
    data = manifest.data
    when = f", {data.start} to {data.end}" if data.start else ""
    figures = "\n".join(f"- {name}: {value:.4g}" for name, value in manifest.metrics.values.items())
    return {
        "title": manifest.name,
        "version": manifest.version,
        "summary": f"Predictions of the model {manifest.name}.",
        "description": "\n\n".join(
            [
                _task(manifest),
                f"Trained on {data.name} ({data.rows:,} rows{when}).",
                f"How good it is, and on which rows that was measured: {manifest.metrics.split}",
                *([figures] if figures else []),
            ]
        ),
    }


def _task(manifest: Manifest) -> str:
    labels = ", ".join(manifest.labels)
    match manifest.task:
        case "binary":
            return (
                f"One of two labels ({labels}) for each row: {manifest.positive_label} from a probability of "
                f"{manifest.threshold:g}, unless the request says another threshold."
            )
        case "multiclass":
            return f"One of {len(manifest.labels)} labels for each row: {labels}."
    return "A number for each row."


def _predict(manifest: Manifest, auth: Auth) -> Json:
    return {
        "operationId": "predict",
        "tags": ["predictions"],
        "summary": "Predict rows",
        "description": f"Up to {MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes, as JSON or CSV. An optional "
        "field is left out, null or an empty cell where it is not known. The header Accept says whether the "
        "predictions come back as JSON, the default, or as CSV; what is refused is always told in JSON.",
        "security": [{_SCHEME[auth]: []}],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters(manifest)],
        "requestBody": {"required": True, "content": _bodies(manifest)},
        "responses": responses_of("/predict", manifest, auth),
    }


def _bodies(manifest: Manifest) -> Json:
    shown: dict[str, Json] = {"application/json": {}, "text/csv": {}}
    for example in examples(manifest):
        shown[example.media_type][example.name] = {"summary": example.summary, "value": example.body}
    csv = {
        "type": "string",
        "format": CSV_FORMAT,
        "minLength": 1,
        "description": "Comma-separated values (RFC 4180). The content type may say header=present or "
        "header=absent; otherwise the first line is a header when at least half of its cells are names of "
        "fields. A header may name the fields in any order, and leave optional ones out.",
    }
    bodies = {"application/json": schema("Request"), "text/csv": csv}
    return {name: {"schema": body, "examples": shown[name]} for name, body in bodies.items()}


def _get(operation: str, summary: str, path: Path, manifest: Manifest, auth: Auth) -> Json:
    return {
        "operationId": operation,
        "tags": ["service"],
        "summary": summary,
        "security": [],
        "responses": responses_of(path, manifest, auth),
    }
