"""Query parameters of predictions."""

from api.model_url_paths import ApiModel, ApiModels, JsonObject
from bundle import MAX_EXPLAINED_ROWS, MOST_REASONS, Manifest

# Parameters that are the same in every model that has them.
_OF_ALL_MODELS = frozenset(("on_error", "probabilities", "strict", "reasons"))


def all_parameters(models: ApiModels) -> dict[str, JsonObject]:
    """Returns the document's components/parameters."""
    return {
        _component(model, name): parameter
        for model in models
        for name, parameter in parameters(model.manifest).items()
    }


def references(model: ApiModel) -> list[JsonObject]:
    """Returns references to the parameters of a model."""
    return [
        {"$ref": f"#/components/parameters/{_component(model, name)}"} for name in parameters(model.manifest)
    ]


def parameters(manifest: Manifest) -> dict[str, JsonObject]:
    """Returns the parameters of a model by name; they depend on its task."""
    found = {
        "on_error": _query(
            "on_error",
            "Effect of an invalid row: the request is refused, or the row is skipped and gets its errors.",
            {"type": "string", "enum": ["refuse", "skip"], "default": "refuse"},
        )
    }
    if manifest.task != "regression":
        found["probabilities"] = _query(
            "probabilities",
            "Whether the response has the probability of every label.",
            {"type": "boolean", "default": False},
        )
    if manifest.task == "binary":
        found["threshold"] = _query(
            "threshold",
            f"Lowest probability for the label {manifest.positive_label}, for this request.",
            {"type": "number", "minimum": 0, "maximum": 1, "default": manifest.threshold},
        )
    if manifest.reference:
        found["strict"] = _query(
            "strict",
            "Whether a row with a warning is an invalid row: the request is refused, or with on_error=skip "
            "the row has its warnings as errors.",
            {"type": "boolean", "default": False},
        )
        found["reasons"] = _query(
            "reasons",
            "Most reasons of each prediction: contributions of the given fields, the largest first; none "
            f"without it. A request for reasons may have {MAX_EXPLAINED_ROWS} rows.",
            {"type": "integer", "minimum": 1, "maximum": MOST_REASONS},
        )
    if manifest.quantiles:
        second = manifest.quantiles
        found[second.name] = _query(
            second.name,
            f"Whether each prediction has {second.description}: the median, and the range with the value of "
            f"{second.coverage:.0%} of such rows.",
            {"type": "boolean", "default": False},
        )
    return found


def _component(model: ApiModel, name: str) -> str:
    return name if name in _OF_ALL_MODELS else model.component(name)


def _query(name: str, description: str, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": "query", "description": description, "schema": schema}
