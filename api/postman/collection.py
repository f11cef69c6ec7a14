"""The collection, and the environment it runs in.

Source: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from api.described import Described, Models, are_several, describe
from api.errors import Auth
from api.names import listed
from api.postman.predictions import prediction_requests
from api.postman.refusals import refused_requests
from api.postman.request import NOBODY, request
from api.postman.scripts import ALWAYS, check, names_version, names_versions, status_is
from bundle import Manifest

Json = dict[str, Any]

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_PLACEHOLDER = "https://<api-id>.execute-api.<region>.amazonaws.com/v1"

# The variables that a caller shows with that they may ask. Their values are theirs: none is ever shared.
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


def postman_collection(*manifests: Manifest, auth: Auth = "key") -> Json:
    """The API as a Postman collection (v2.1), each request with tests of its answer.

    Args:
        manifests: Of the bundles that are served; several models have a folder each.
        auth: How callers of /predict show that they may: by an API key, or by AWS signatures.
    """
    kind, attributes = _AUTH[auth]
    models = describe(manifests)
    return {
        "info": {
            "_postman_id": _id(manifests, "collection"),
            "name": _name(manifests),
            "description": f"{_versions(manifests)}. Set base_url, which ends with the stage, and "
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
) -> Json:
    """The variables of the collection; those that are secret are empty.

    Args:
        manifests: Of the bundles that are served.
        base_url: Where the API is, up to its stage.
        auth: As in the collection.
        region: Of the API, where callers sign for it.
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


def _folders(models: Models, auth: Auth) -> list[Json]:
    if are_several(models):
        return [{"name": model.name, "item": _folders_of(model, auth)} for model in models]
    return _folders_of(models[0], auth)


def _folders_of(model: Described, auth: Auth) -> list[Json]:
    return [
        {"name": "Predictions", "item": prediction_requests(model)},
        {"name": "Refusals", "item": refused_requests(model, auth)},
    ]


def _service(models: Models) -> list[Json]:
    well = check("it is well", 'pm.expect(pm.response.json().status).to.equal("ok");')
    described = check("it is OpenAPI 3.1", "pm.expect(pm.response.json().openapi).to.match(/^3\\.1/);")
    if are_several(models):
        version = names_versions({model.name: model.manifest.version for model in models})
    else:
        version = names_version(models[0].manifest.version)
    return [
        request("Health", "GET", "/health", auth=NOBODY, tests=[*status_is(200), *well, *version]),
        request("Description", "GET", "/openapi.json", auth=NOBODY, tests=[*status_is(200), *described]),
    ]


def _name(manifests: Sequence[Manifest]) -> str:
    return ", ".join(manifest.name for manifest in manifests)


def _versions(manifests: Sequence[Manifest]) -> str:
    if len(manifests) == 1:
        return f"Version {manifests[0].version}"
    return f"Versions {listed(f'{manifest.version} of {manifest.name}' for manifest in manifests)}"


def _value(name: str, value: str, kind: str) -> Json:
    return {"key": name, "value": value, "type": kind, "enabled": True}


def _id(manifests: Sequence[Manifest], part: str) -> str:
    # The same for every version, so that an import replaces the one before.
    names = ",".join(manifest.name for manifest in manifests)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{names}/{part}"))
