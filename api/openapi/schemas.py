"""What requests and answers look like: the document's components/schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.described import Described, Models
from api.openapi.health_schemas import health_schemas
from api.openapi.parts import Json, closed, schema
from bundle import MAX_ROWS, Manifest, instance_schema, request_schema, values_schema

_PROBABILITY: Json = {"type": "number", "minimum": 0, "maximum": 1}
_RULE: Json = {"type": "string", "description": "What the value must be."}
_FIELD: Json = {"type": "string", "description": "Name of the field; left out when it is the row as a whole."}


def schemas(models: Models) -> dict[str, Json]:
    """All of them, by name: those of each model, then those that all have in common."""
    own = {model.own(name): found for model in models for name, found in _of_the_model(model).items()}
    return {
        **own,
        "SkippedRow": _skipped_row(),
        "Model": _model([model.manifest for model in models]),
        **health_schemas(models),
        **_wrong_values(),
    }


def _of_the_model(model: Described) -> dict[str, Json]:
    return {**_requests(model), "Answer": _answer(model), "Prediction": _prediction(model.manifest)}


def _requests(model: Described) -> dict[str, Json]:
    fields = model.manifest.fields
    rows = {"Row": instance_schema(fields), "ValuesRow": values_schema(fields)}
    one, *many = (_referring(shape, rows, model) for shape in request_schema(fields)["anyOf"])
    shapes = {f"{_member(shape).capitalize()}Request": shape for shape in many}
    request = {
        "description": "One row, or an object whose one member holds the rows.",
        "anyOf": [one, *map(model.schema, shapes)],
    }
    return {**rows, **shapes, "Request": request}


def _member(shape: Json) -> str:
    [member] = shape["required"]
    return str(member)


def _referring(found: Any, parts: Mapping[str, Json], model: Described) -> Any:
    """The same schema, with references where it holds one of the model's parts."""
    for name, part in parts.items():
        if found == part:
            return model.schema(name)
    if isinstance(found, dict):
        return {name: _referring(value, parts, model) for name, value in found.items()}
    return found


def _answer(model: Described) -> Json:
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ROWS,
        "items": {"anyOf": [model.schema("Prediction"), schema("SkippedRow")]},
    }
    return closed(
        "Predictions in the order of the request's rows, and the model that made them.",
        {"predictions": rows, "model": schema("Model")},
    )


def _prediction(manifest: Manifest) -> Json:
    if manifest.task == "regression":
        return closed("The prediction of one row.", {"value": {"type": "number"}})
    of = f"of {manifest.positive_label}" if manifest.task == "binary" else "of the label"
    every = closed(
        "The probability of every label, when they were asked for.",
        dict.fromkeys(manifest.labels, _PROBABILITY),
    )
    return closed(
        "The prediction of one row.",
        {
            "label": {"type": "string", "enum": [*manifest.labels]},
            "probability": _PROBABILITY | {"description": f"Probability {of}."},
            "probabilities": every,
        },
        optional=["probabilities"],
    )


def _skipped_row() -> Json:
    return closed(
        "Why a row has no prediction, in its place: with on_error=skip only.",
        {
            "errors": {"type": "array", "minItems": 1, "items": schema("FieldError")},
            "more": {"type": "integer", "minimum": 1, "description": "How many more errors the row has."},
        },
        optional=["more"],
    )


def _model(manifests: Sequence[Manifest]) -> Json:
    return closed(
        "Which model, and which version of it.",
        {
            "name": {"type": "string", "examples": [manifest.name for manifest in manifests]},
            "version": {"type": "string", "examples": [manifest.version for manifest in manifests]},
        },
    )


def _wrong_values() -> dict[str, Json]:
    row = {"type": "integer", "minimum": 0, "description": "Position of the row, from 0."}
    value = {"field": _FIELD, "rule": _RULE}
    return {
        "RowError": closed(
            "What is wrong with one value of one row.", {"row": row, **value}, optional=["field"]
        ),
        "FieldError": closed("What is wrong with one value.", value, optional=["field"]),
    }
