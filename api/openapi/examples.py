"""Example requests and responses: a model's golden rows in every form that a request may have."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from api.model_paths import JsonObject
from bundle import Field, Golden, Manifest

_MAX_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example request with its predictions.

    Attributes:
        name: Key of the example in the document.
        summary: Sentence on what the example shows.
        media_type: Media type of the body.
        body: Value to encode as JSON, or CSV as a string.
        golden: Golden rows in the body.
    """

    name: str
    summary: str
    media_type: str
    body: Any
    golden: Sequence[Golden]


def examples(manifest: Manifest) -> list[Example]:
    """Returns one request for each form; `data` is left out for a model with a field of that name."""
    golden = manifest.golden[:_MAX_ROWS]
    rows = [row.instance for row in golden]
    table = _values(manifest.fields, rows)
    csv_text = csv_of(manifest.fields, rows)
    json_shapes = {
        "instances": ("Several rows", rows),
        "values": ("Several rows, their values in the order of the fields", table),
        "data": ("Several rows as the text of a CSV", csv_text),
    }
    names = {field.name for field in manifest.fields}
    return [
        _json("one_row", "One row", rows[0], golden[:1]),
        *(
            _json(name, summary, {name: content}, golden)
            for name, (summary, content) in json_shapes.items()
            if name != "data" or name not in names
        ),
        Example(
            name="csv",
            summary="Several rows, with a header line",
            media_type="text/csv",
            body=csv_text,
            golden=golden,
        ),
    ]


def csv_of(fields: Sequence[Field], rows: Sequence[JsonObject]) -> str:
    """Returns rows as CSV with a header line; a missing value is an empty cell.

    Args:
        fields: All fields of the model, in order.
        rows: The rows, as JSON objects.
    """
    return _table([[field.name for field in fields], *_values(fields, rows)])


def csv_answer(golden: Sequence[Golden]) -> str:
    """Returns the predictions of golden rows as CSV with a header line."""
    return _table([[*golden[0].prediction], *([*row.prediction.values()] for row in golden)])


def _table(lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _json(name: str, summary: str, body: JsonObject, golden: Sequence[Golden]) -> Example:
    return Example(name=name, summary=summary, media_type="application/json", body=body, golden=golden)


def _values(fields: Sequence[Field], rows: Sequence[JsonObject]) -> list[list[Any]]:
    return [[row.get(field.name) for field in fields] for row in rows]
