"""The query parameters of a prediction."""

from typing import Any

from api.described import Described, Models
from bundle import Manifest

Json = dict[str, Any]


# Whose default is the model's.
_OF_THE_MODEL = "threshold"


def all_parameters(models: Models) -> dict[str, Json]:
    """The document's components/parameters, by their names there."""
    return {
        _component(model, name): parameter
        for model in models
        for name, parameter in parameters(model.manifest).items()
    }


def references(model: Described) -> list[Json]:
    """References to those of a model."""
    return [
        {"$ref": f"#/components/parameters/{_component(model, name)}"} for name in parameters(model.manifest)
    ]


def parameters(manifest: Manifest) -> dict[str, Json]:
    """Those that a model of this task takes, by name."""
    taken = {
        "on_error": _query(
            "on_error",
            "What a wrong row does: refuse the request, or be skipped: its errors then stand in its place.",
            {"type": "string", "enum": ["refuse", "skip"], "default": "refuse"},
        )
    }
    if manifest.task != "regression":
        taken["probabilities"] = _query(
            "probabilities",
            "Whether to answer with the probability of every label.",
            {"type": "boolean", "default": False},
        )
    if manifest.task == "binary":
        taken["threshold"] = _query(
            "threshold",
            f"Probability from which the label is {manifest.positive_label}, for this request.",
            {"type": "number", "minimum": 0, "maximum": 1, "default": manifest.threshold},
        )
    return taken


def _component(model: Described, name: str) -> str:
    return model.own(name) if name == _OF_THE_MODEL else name


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}
