"""What GET /health answers: a part of the document's components/schemas."""

from api.described import Models, are_several
from api.openapi.parts import Json, closed, schema

_WELL = "A prediction would work now."
_NOT_WELL = "A prediction would not work now."


def health_schemas(models: Models) -> dict[str, Json]:
    """Health when all is well, and HealthProblem when it is not."""
    if are_several(models):
        well, ill = _of_several(models)
    else:
        well, ill = _of_one(models)
    status = {"status": {"type": "string", "const": "ok"}}
    members = {"type": "object", "properties": ill}
    return {
        "Health": closed(_WELL, {**status, **well}),
        "Problem": _problem(),
        "HealthProblem": {
            "title": "HealthProblem",
            "description": _NOT_WELL,
            "allOf": [schema("Problem"), members],
        },
    }


def _of_one(models: Models) -> tuple[dict[str, Json], dict[str, Json]]:
    [model] = models
    state = {"expected_version": _expected_version(model.manifest.version), **_state()}
    unknown = {"anyOf": [schema("Model"), {"type": "null"}]}
    return {"model": schema("Model"), **state}, {"model": unknown, **state}


def _of_several(models: Models) -> tuple[dict[str, Json], dict[str, Json]]:
    version = {"type": "string", "description": "The version that answers."}
    unknown = {"type": ["string", "null"], "description": "The version that answers; null when none does."}
    well, ill = (
        closed(
            "Each model by its name.",
            {
                model.name: closed(
                    f"The model {model.name}.",
                    {"version": found, "expected_version": _expected_version(model.manifest.version)},
                )
                for model in models
            },
        )
        for found in (version, unknown)
    )
    return {**_state(), "models": well}, {**_state(), "models": ill}


def _expected_version(version: str) -> Json:
    return {
        "type": "string",
        "description": "The version that was deployed last; the model's own differs during an update, and "
        "where a function follows a bundle that is replaced in S3.",
        "examples": [version],
    }


def _state() -> dict[str, Json]:
    return {
        "state": {
            "type": "string",
            "description": "State of what hosts the model, in the words of AWS.",
            "examples": ["InService"],
        },
        "checked_at": {
            "type": "string",
            "format": "date-time",
            "description": "When this was found out: up to 10 seconds ago.",
        },
    }


def _problem() -> Json:
    return {
        "title": "Problem",
        "description": "Problem details (RFC 9457): what is wrong, where, and what to do.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "examples": ["about:blank"]},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What is wrong, and what to do."},
            "errors": {"type": "array", "items": schema("RowError")},
            "request_id": {"type": "string", "description": "As in the header x-request-id."},
        },
        "required": ["type", "title", "status", "detail", "request_id"],
    }
