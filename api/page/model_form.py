"""Forms of the page: the fields, examples and limits of each model, as values that JSON can hold."""

from collections.abc import Iterator, Sequence
from typing import Any

from api.model_url_paths import ApiModel, JsonObject
from api.openapi.parameters import parameters
from bundle import Field, Manifest, Quantiles
from bundle.rows import comparison, day_range

# Longer lists of known values make the page heavy, and nobody reads them.
_MAX_EXAMPLES = 5
_MAX_KNOWN_VALUES = 100


def model_form(model: ApiModel) -> JsonObject:
    """Returns the form of a model: its path, fields, examples, and the parameters that its requests may have.

    Parameters are those of the OpenAPI document: a script of the page asks only for what the API can answer.
    """
    manifest = model.manifest
    examples = [golden.instance for golden in manifest.golden[:_MAX_EXAMPLES]]
    return {
        "name": manifest.name,
        "version": manifest.version,
        "path": model.path.removeprefix("/"),
        "task": manifest.task,
        "answer": task_sentence(manifest),
        "labels": [*manifest.labels],
        "positive_label": manifest.positive_label,
        "threshold": manifest.threshold,
        "parameters": [*parameters(manifest)],
        **({"quantiles": _quantiles(manifest.quantiles)} if manifest.quantiles else {}),
        "fields": [_field(field, examples) for field in manifest.fields],
        "examples": examples,
    }


def _quantiles(quantiles: Quantiles) -> JsonObject:
    """Returns the second target: its name, and the sentence about a median and a range of it."""
    return {
        "name": quantiles.name,
        "unit": quantiles.unit,
        "title": quantiles.description[:1].upper() + quantiles.description[1:],
        "coverage": f"{quantiles.coverage:.0%}",
    }


def _field(field: Field, examples: Sequence[JsonObject]) -> JsonObject:
    described = {
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "unit": field.unit,
        "hint": field_hint(field),
        "values": [*field.values],
        "known": _known_values(field, examples),
        "minimum": field.minimum if field.is_number else field.earliest or None,
        "maximum": field.maximum if field.is_number else field.latest or None,
    }
    # Absent attributes are left out: a model may have hundreds of fields.
    return {name: value for name, value in described.items() if value not in ("", [], None)}


def task_sentence(manifest: Manifest) -> str:
    """Returns what the model answers for each row, as the end of a sentence."""
    match manifest.task:
        case "binary":
            [one, other] = manifest.labels
            return f"{one} or {other}, with the probability of {manifest.positive_label}"
        case "multiclass":
            return f"one of {len(manifest.labels)} labels, with its probability"
    return "a number"


def field_hint(field: Field) -> str:
    """Returns what a field means, its rules and an example, as sentences."""
    return " ".join(_hints(field))


def _hints(field: Field) -> Iterator[str]:
    yield field.description
    if bounds := _bounds(field):
        yield f"{bounds}."
    if rule := comparison(field):
        yield f"It {rule}."
    yield f"Example: {_shown(field.example)}."


def _bounds(field: Field) -> str:
    if days := day_range(field):
        return days[0].upper() + days[1:]
    if field.minimum is not None and field.maximum is not None:
        return f"{field.minimum:,g} to {field.maximum:,g}"
    if field.minimum is not None:
        return f"At least {field.minimum:,g}"
    return "" if field.maximum is None else f"At most {field.maximum:,g}"


def _known_values(field: Field, examples: Sequence[JsonObject]) -> list[str]:
    """Returns values to choose from for a field that accepts others too."""
    if field.type != "string" or field.values:
        return []
    found = [field.example, *(row.get(field.name) for row in examples)]
    return sorted({str(value) for value in found if value is not None})[:_MAX_KNOWN_VALUES]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
