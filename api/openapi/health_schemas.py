"""Schemas of the responses of GET /health, and of problem documents."""

from api.model_url_paths import ApiModels, JsonObject, has_several
from api.openapi.schema_builders import closed_object, schema_reference

_HEALTHY = "All models answer predictions."
_UNHEALTHY = "A model does not answer predictions."


def health_schemas(models: ApiModels) -> dict[str, JsonObject]:
    """Returns the schemas Health (status 200), Problem (any error) and HealthProblem (status 503)."""
    if has_several(models):
        healthy, unhealthy = _of_several(models)
    else:
        healthy, unhealthy = _of_one(models)
    status = {"status": {"type": "string", "const": "ok"}}
    members = {"type": "object", "properties": unhealthy}
    return {
        "Health": closed_object(_HEALTHY, {**status, **healthy}),
        "Problem": _problem(),
        "HealthProblem": {
            "title": "HealthProblem",
            "description": _UNHEALTHY,
            "allOf": [schema_reference("Problem"), members],
        },
    }


def _of_one(models: ApiModels) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    [model] = models
    state = {"expected_version": _expected_version(model.manifest.version), **_state()}
    unknown = {"anyOf": [schema_reference("Model"), {"type": "null"}]}
    return {"model": schema_reference("Model"), **state}, {"model": unknown, **state}


def _of_several(models: ApiModels) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    version = {"type": "string", "description": "Version of the model that answers."}
    unknown = {
        "type": ["string", "null"],
        "description": "Version of the model that answers; null if it does not.",
    }
    healthy, unhealthy = (
        closed_object(
            "Each model by its name.",
            {
                model.name: closed_object(
                    f"The model {model.name}.",
                    {"version": found, "expected_version": _expected_version(model.manifest.version)},
                )
                for model in models
            },
        )
        for found in (version, unknown)
    )
    return {**_state(), "models": healthy}, {**_state(), "models": unhealthy}


def _expected_version(version: str) -> JsonObject:
    return {
        "type": "string",
        "description": "Version that was deployed last; the model's own differs during an update, after a "
        "rollback, and if a function follows a bundle that is replaced in S3.",
        "examples": [version],
    }


def _state() -> dict[str, JsonObject]:
    return {
        "state": {
            "type": "string",
            "description": "State of the endpoint or function that hosts the model, as AWS reports it.",
            "examples": ["InService"],
        },
        "checked_at": {
            "type": "string",
            "format": "date-time",
            "description": "Time of the check: at most 10 seconds ago.",
        },
    }


def _problem() -> JsonObject:
    return {
        "title": "Problem",
        "description": "Problem details (RFC 9457): what is wrong, where, and what to do.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "examples": ["about:blank"]},
            "title": {"type": "string", "description": "Reason phrase of the status."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What is wrong, and what to do."},
            "errors": {"type": "array", "items": schema_reference("RowError")},
            "request_id": {"type": "string", "description": "The same as in the header x-request-id."},
        },
        "required": ["type", "title", "status", "detail", "request_id"],
    }
