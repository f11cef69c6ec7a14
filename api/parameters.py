"""The query parameters of a prediction: the document's components/parameters."""

from typing import Any

from bundle import Manifest

Json = dict[str, Any]


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


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}
