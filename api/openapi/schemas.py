"""Schemas of requests and responses: the document's components/schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.model_url_paths import ApiModel, ApiModels, JsonObject
from api.openapi.health_schemas import health_schemas
from api.openapi.schema_builders import closed_object, schema_reference
from api.openapi.warning_and_reason_schemas import prediction_remarks, quantiles_schema, remark_schemas
from bundle import MAX_ROWS, Interval, Manifest, instance_schema, request_schema, values_schema

_PROBABILITY: JsonObject = {"type": "number", "minimum": 0, "maximum": 1}
_RULE: JsonObject = {"type": "string", "description": "What the value must be."}
_FIELD: JsonObject = {
    "type": "string",
    "description": "Name of the field; omitted if the whole row is meant.",
}


def schemas(models: ApiModels) -> dict[str, JsonObject]:
    """Returns all schemas by name: those of each model, then those that all models share."""
    own = {model.component(name): found for model in models for name, found in _of_the_model(model).items()}
    return {
        **own,
        "SkippedRow": _skipped_row(),
        **(remark_schemas() if any(model.manifest.reference for model in models) else {}),
        "Model": _model([model.manifest for model in models]),
        **health_schemas(models),
        **_wrong_values(),
    }


def _of_the_model(model: ApiModel) -> dict[str, JsonObject]:
    return {**_requests(model), "Answer": _answer(model), "Prediction": _prediction(model.manifest)}


def _requests(model: ApiModel) -> dict[str, JsonObject]:
    fields = model.manifest.fields
    rows = {"Row": instance_schema(fields), "ValuesRow": values_schema(fields)}
    one, *many = (_referring(shape, rows, model) for shape in request_schema(fields)["anyOf"])
    shapes = {f"{_member(shape).capitalize()}Request": shape for shape in many}
    request = {
        "description": "One row, or an object with one member that holds the rows.",
        "anyOf": [one, *map(model.schema, shapes)],
    }
    return {**rows, **shapes, "Request": request}


def _member(shape: JsonObject) -> str:
    [member] = shape["required"]
    return str(member)


def _referring(found: Any, parts: Mapping[str, JsonObject], model: ApiModel) -> Any:
    """Returns the schema with references in place of the model's own parts."""
    for name, part in parts.items():
        if found == part:
            return model.schema(name)
    if isinstance(found, dict):
        return {name: _referring(value, parts, model) for name, value in found.items()}
    return found


def _answer(model: ApiModel) -> JsonObject:
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ROWS,
        "items": {"anyOf": [model.schema("Prediction"), schema_reference("SkippedRow")]},
    }
    return closed_object(
        "Predictions in the order of the request's rows, and the model that answered.",
        {"predictions": rows, "model": schema_reference("Model")},
    )


def _prediction(manifest: Manifest) -> JsonObject:
    remarks = prediction_remarks() if manifest.reference else {}
    if manifest.quantiles:
        remarks = {**remarks, manifest.quantiles.name: quantiles_schema(manifest.quantiles)}
    if manifest.task == "regression":
        interval = {"interval": _interval(manifest.interval)} if manifest.interval else {}
        return closed_object(
            "The prediction of one row.",
            {"value": {"type": "number"}, **interval, **remarks},
            optional=[*remarks],
        )
    of = f"of {manifest.positive_label}" if manifest.task == "binary" else "of the label"
    every = closed_object(
        "Probability of every label, if the request has probabilities=true.",
        dict.fromkeys(manifest.labels, _PROBABILITY),
    )
    return closed_object(
        "The prediction of one row.",
        {
            "label": {"type": "string", "enum": [*manifest.labels]},
            "probability": _PROBABILITY | {"description": f"Probability {of}."},
            "probabilities": every,
            **remarks,
        },
        optional=["probabilities", *remarks],
    )


def _interval(interval: Interval) -> JsonObject:
    return closed_object(
        f"Range with the true value of {interval.level:.0%} of the rows, if they are like the test rows.",
        {"low": {"type": "number"}, "high": {"type": "number"}},
    )


def _skipped_row() -> JsonObject:
    return closed_object(
        "Errors of a row without a prediction; only with on_error=skip.",
        {
            "errors": {"type": "array", "minItems": 1, "items": schema_reference("FieldError")},
            "more": {"type": "integer", "minimum": 1, "description": "Number of further errors of the row."},
        },
        optional=["more"],
    )


def _model(manifests: Sequence[Manifest]) -> JsonObject:
    return closed_object(
        "Name and version of the model.",
        {
            "name": {"type": "string", "examples": [manifest.name for manifest in manifests]},
            "version": {"type": "string", "examples": [manifest.version for manifest in manifests]},
        },
    )


def _wrong_values() -> dict[str, JsonObject]:
    row = {"type": "integer", "minimum": 0, "description": "Position of the row, from 0."}
    value = {"field": _FIELD, "rule": _RULE}
    return {
        "RowError": closed_object(
            "An error in one value of one row.", {"row": row, **value}, optional=["field"]
        ),
        "FieldError": closed_object("An error in one value.", value, optional=["field"]),
    }
