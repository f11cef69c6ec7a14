"""Schemas of the remarks of predictions: warnings and reasons."""

from api.model_url_paths import JsonObject
from api.openapi.schema_builders import closed_object, schema_reference
from bundle import WARNINGS, Quantiles

_NUMBER: JsonObject = {"type": "number"}
_TEXT: JsonObject = {"type": "string"}
_ASKED = "only if the request has the parameter reasons"


def prediction_remarks() -> dict[str, JsonObject]:
    """Returns the optional members of a prediction of a model whose bundle says what training saw."""
    return {
        "baseline": _NUMBER
        | {"description": f"Prediction of the row with typical values of its given fields; {_ASKED}."},
        "reasons": {
            "type": "array",
            "items": schema_reference("Reason"),
            "description": f"Contributions of the given fields, the largest first; {_ASKED}.",
        },
        "rest": _NUMBER
        | {"description": "Sum of the contributions that are not listed; omitted if all are listed."},
        "reasons_error": _NUMBER
        | {
            "minimum": 0,
            "description": "Half of the 95 % interval of the least certain contribution, if they are "
            "sampled; omitted if they are exact.",
        },
        "warnings": {
            "type": "array",
            "minItems": 1,
            "items": schema_reference("RowWarning"),
            "description": "What makes the row unusual for the model; omitted without any.",
        },
    }


def quantiles_schema(quantiles: Quantiles) -> JsonObject:
    """Returns the member of a prediction with the quantiles of the second target."""
    low, _, high = quantiles.levels
    unit = f", in {quantiles.unit}" if quantiles.unit else ""
    return closed_object(
        f"Quantiles of {quantiles.description}; only if the request has {quantiles.name}=true.",
        {
            "low": _NUMBER | {"description": f"A share of {low:.0%} of such rows is below it{unit}."},
            "median": _NUMBER | {"description": f"Half of such rows are below it{unit}."},
            "high": _NUMBER | {"description": f"A share of {1 - high:.0%} of such rows is above it{unit}."},
        },
    )


def remark_schemas() -> dict[str, JsonObject]:
    """Returns the schemas RowWarning and Reason."""
    return {
        "RowWarning": closed_object(
            "What is unusual in one row.",
            {
                "kind": {"type": "string", "enum": [*WARNINGS]},
                "field": _TEXT | {"description": "Name of the field; omitted if the whole row is meant."},
                "sentence": _TEXT | {"description": "What is unusual, for people."},
            },
            optional=["field"],
        ),
        "Reason": closed_object(
            "Contribution of one field, or of fields that belong together. It says what the model did, and "
            "not what causes the outcome.",
            {
                "field": _TEXT | {"description": "Name of the field, or title of the group."},
                "value": {
                    "type": ["string", "number", "boolean", "object"],
                    "description": "Its value in the request; the values of a group by field.",
                },
                "contribution": _NUMBER
                | {"description": "Change of the probability or value; with the baseline they add up to it."},
                "sentence": _TEXT | {"description": "The contribution, for people."},
            },
        ),
    }
