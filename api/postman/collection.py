"""Postman collection, and its environment of variables.

Source: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

import uuid
from collections.abc import Mapping, Sequence

from api.error_table import Auth
from api.model_url_paths import ApiModel, ApiModels, JsonObject, api_models, has_several
from api.postman.predictions import prediction_requests
from api.postman.refused_requests import refused_requests
from api.postman.request import NO_AUTH, request
from api.postman.scripts import ALWAYS, check, names_version, names_versions, status_is
from api.routes import join_with_and
from bundle import Manifest

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_PLACEHOLDER = "https://<api-id>.execute-api.<region>.amazonaws.com/v1"

# Variables with the credentials of a caller; the environment file has no values for them.
SECRETS: dict[Auth, tuple[str, ...]] = {
    "key": ("api_key",),
    "iam": ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
}
_AUTH: dict[Auth, tuple[str, Mapping[str, str]]] = {
    "key": ("apikey", {"key": "x-api-key", "value": "{{api_key}}", "in": "header"}),
    "iam": (
        "awsv4",
        {
            "accessKey": "{{aws_access_key_id}}",
            "secretKey": "{{aws_secret_access_key}}",
            "sessionToken": "{{aws_session_token}}",
            "region": "{{aws_region}}",
            "service": "execute-api",
        },
    ),
}


def postman_collection(*manifests: Manifest, auth: Auth = "key") -> JsonObject:
    """Returns the collection (v2.1), each request with tests of its response.

    Args:
        manifests: Manifests of the models; each of several models has a folder.
        auth: Authorization of predictions: by an API key, or by AWS signatures.
    """
    kind, attributes = _AUTH[auth]
    models = api_models(manifests)
    return {
        "info": {
            "_postman_id": _id(manifests, "collection"),
            "name": _name(manifests),
            "description": f"{_versions(manifests)}. Set base_url, which includes the stage, and "
            f"{' and '.join(SECRETS[auth])} as variables of an environment.",
            "schema": _SCHEMA,
        },
        "auth": {
            "type": kind,
            kind: [{"key": key, "value": value, "type": "string"} for key, value in attributes.items()],
        },
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": [*ALWAYS]}}],
        "variable": [{"key": "base_url", "value": _PLACEHOLDER}],
        "item": [*_folders(models, auth), {"name": "Service", "item": _service(models)}],
    }


def postman_environment(
    *manifests: Manifest, base_url: str = _PLACEHOLDER, auth: Auth = "key", region: str = ""
) -> JsonObject:
    """Returns the variables of the collection, without values for secrets.

    Args:
        manifests: Manifests of the models.
        base_url: URL of the API with its stage.
        auth: Authorization of predictions.
        region: Region of the API, for signatures.
    """
    open_values = {"base_url": base_url} | ({"aws_region": region} if auth == "iam" else {})
    return {
        "id": _id(manifests, "environment"),
        "name": _name(manifests),
        "values": [
            *(_value(name, value, "default") for name, value in open_values.items()),
            *(_value(name, "", "secret") for name in SECRETS[auth]),
        ],
        "_postman_variable_scope": "environment",
    }


def _folders(models: ApiModels, auth: Auth) -> list[JsonObject]:
    if has_several(models):
        return [{"name": model.name, "item": _folders_of(model, auth)} for model in models]
    return _folders_of(models[0], auth)


def _folders_of(model: ApiModel, auth: Auth) -> list[JsonObject]:
    return [
        {"name": "Predictions", "item": prediction_requests(model)},
        {"name": "Refusals", "item": refused_requests(model, auth)},
    ]


def _service(models: ApiModels) -> list[JsonObject]:
    healthy = check("all models are healthy", 'pm.expect(pm.response.json().status).to.equal("ok");')
    described = check("it is OpenAPI 3.1", "pm.expect(pm.response.json().openapi).to.match(/^3\\.1/);")
    if has_several(models):
        version = names_versions({model.name: model.manifest.version for model in models})
    else:
        version = names_version(models[0].manifest.version)
    # Without the pages: they are for people in a browser.
    return [
        request("Health", "GET", "/health", auth=NO_AUTH, tests=[*status_is(200), *healthy, *version]),
        request("Description", "GET", "/openapi.json", auth=NO_AUTH, tests=[*status_is(200), *described]),
    ]


def _name(manifests: Sequence[Manifest]) -> str:
    return ", ".join(manifest.name for manifest in manifests)


def _versions(manifests: Sequence[Manifest]) -> str:
    if len(manifests) == 1:
        return f"Version {manifests[0].version}"
    return f"Versions {join_with_and(f'{manifest.version} of {manifest.name}' for manifest in manifests)}"


def _value(name: str, value: str, kind: str) -> JsonObject:
    return {"key": name, "value": value, "type": kind, "enabled": True}


def _id(manifests: Sequence[Manifest], part: str) -> str:
    # Without the version, so that an import replaces the collection of an earlier one.
    names = ",".join(manifest.name for manifest in manifests)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{names}/{part}"))
