"""Example requests and responses: a model's golden rows in every form that a request may have."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from api.model_url_paths import JsonObject
from bundle import Field, Golden, Manifest, csv_cell, displayed

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
            name="json_lines",
            summary="Several rows, one per line",
            media_type="application/jsonlines",
            body=_lines(rows),
            golden=golden,
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


def served_prediction(manifest: Manifest, golden: Golden) -> JsonObject:
    """Returns the prediction of a golden row as it is served, without warnings."""
    if not manifest.interval:
        return golden.prediction
    low, high = map(displayed, manifest.interval.ends(golden.prediction["value"]))
    return golden.prediction | {"interval": {"low": low, "high": high}}


def csv_answer(manifest: Manifest, golden: Sequence[Golden]) -> str:
    """Returns the predictions of golden rows as CSV with a header line."""
    rows = [served_prediction(manifest, row) for row in golden]
    flat = [{**row, **row.get("interval", {})} for row in rows]
    names = [name for name in flat[0] if name != "interval"]
    return _table([names, *([row[name] for name in names] for row in flat)])


def json_lines_answer(manifest: Manifest, golden: Sequence[Golden]) -> str:
    """Returns the predictions of golden rows as JSON Lines."""
    return _lines([served_prediction(manifest, row) for row in golden])


def _lines(values: Iterable[Any]) -> str:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values)


def _table(lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([csv_cell(value) for value in line] for line in lines)
    return text.getvalue()


def _json(name: str, summary: str, body: JsonObject, golden: Sequence[Golden]) -> Example:
    return Example(name=name, summary=summary, media_type="application/json", body=body, golden=golden)


def _values(fields: Sequence[Field], rows: Sequence[JsonObject]) -> list[list[Any]]:
    return [[row.get(field.name) for field in fields] for row in rows]
