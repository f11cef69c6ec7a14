"""What requests and answers look like: the document's components/schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from bundle import MAX_ROWS, Manifest, instance_schema, request_schema, values_schema

Json = dict[str, Any]

_PROBABILITY: Json = {"type": "number", "minimum": 0, "maximum": 1}
_RULE: Json = {"type": "string", "description": "What the value must be."}
_FIELD: Json = {"type": "string", "description": "Name of the field; left out when it is the row as a whole."}


def schema(name: str) -> Json:
    """A reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas(manifest: Manifest) -> dict[str, Json]:
    """All of them, by name."""
    return {
        **_requests(manifest),
        "Answer": _answer(),
        "Prediction": _prediction(manifest),
        "SkippedRow": _skipped_row(),
        "Model": _model(manifest),
        "Health": _health(manifest),
        "Problem": _problem(),
        "HealthProblem": _health_problem(manifest),
        **_wrong_values(),
    }


def _requests(manifest: Manifest) -> dict[str, Json]:
    rows = {"Row": instance_schema(manifest.fields), "ValuesRow": values_schema(manifest.fields)}
    one, *many = request_schema(manifest.fields)["anyOf"]
    shapes = {f"{_member(shape).capitalize()}Request": _referring(shape, rows) for shape in many}
    request = {
        "description": "One row, or an object whose one member holds the rows.",
        "anyOf": [_referring(one, rows), *map(schema, shapes)],
    }
    return {**rows, **shapes, "Request": request}


def _member(shape: Json) -> str:
    [member] = shape["required"]
    return str(member)


def _referring(found: Any, parts: Mapping[str, Json]) -> Any:
    """The same schema, with references where it holds one of the parts."""
    for name, part in parts.items():
        if found == part:
            return schema(name)
    if isinstance(found, dict):
        return {name: _referring(value, parts) for name, value in found.items()}
    return found


def _answer() -> Json:
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ROWS,
        "items": {"anyOf": [schema("Prediction"), schema("SkippedRow")]},
    }
    return _closed(
        "Predictions in the order of the request's rows, and the model that made them.",
        {"predictions": rows, "model": schema("Model")},
    )


def _prediction(manifest: Manifest) -> Json:
    if manifest.task == "regression":
        return _closed("The prediction of one row.", {"value": {"type": "number"}})
    of = f"of {manifest.positive_label}" if manifest.task == "binary" else "of the label"
    every = _closed(
        "The probability of every label, when they were asked for.",
        dict.fromkeys(manifest.labels, _PROBABILITY),
    )
    return _closed(
        "The prediction of one row.",
        {
            "label": {"type": "string", "enum": [*manifest.labels]},
            "probability": _PROBABILITY | {"description": f"Probability {of}."},
            "probabilities": every,
        },
        optional=["probabilities"],
    )


def _skipped_row() -> Json:
    return _closed(
        "Why a row has no prediction, in its place: with on_error=skip only.",
        {
            "errors": {"type": "array", "minItems": 1, "items": schema("FieldError")},
            "more": {"type": "integer", "minimum": 1, "description": "How many more errors the row has."},
        },
        optional=["more"],
    )


def _model(manifest: Manifest) -> Json:
    return _closed(
        "Which model, and which version of it.",
        {
            "name": {"type": "string", "examples": [manifest.name]},
            "version": {"type": "string", "examples": [manifest.version]},
        },
    )


def _health(manifest: Manifest) -> Json:
    return _closed(
        "A prediction would work now.",
        {"status": {"type": "string", "const": "ok"}, "model": schema("Model"), **_state(manifest)},
    )


def _state(manifest: Manifest) -> dict[str, Json]:
    return {
        "expected_version": {
            "type": "string",
            "description": "The version that was deployed last; the model's own differs during an update.",
            "examples": [manifest.version],
        },
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


def _wrong_values() -> dict[str, Json]:
    row = {"type": "integer", "minimum": 0, "description": "Position of the row, from 0."}
    value = {"field": _FIELD, "rule": _RULE}
    return {
        "RowError": _closed(
            "What is wrong with one value of one row.", {"row": row, **value}, optional=["field"]
        ),
        "FieldError": _closed("What is wrong with one value.", value, optional=["field"]),
    }


def _health_problem(manifest: Manifest) -> Json:
    model = {"anyOf": [schema("Model"), {"type": "null"}]}
    members = {"type": "object", "properties": {"model": model, **_state(manifest)}}
    return {
        "title": "HealthProblem",
        "description": "A prediction would not work now.",
        "allOf": [schema("Problem"), members],
    }


def _closed(description: str, properties: Mapping[str, Json], *, optional: Sequence[str] = ()) -> Json:
    return {
        "description": description,
        "type": "object",
        "properties": {**properties},
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
