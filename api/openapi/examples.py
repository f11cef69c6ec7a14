"""Requests that work, and their answers: a model's golden rows in every shape a request may have."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bundle import Field, Golden, Manifest

_SHOWN = 3

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A request and what its rows are predicted.

    Attributes:
        name: Its key in the document.
        summary: What it shows.
        media_type: Of the body.
        body: The body: what JSON encodes, or the text of a CSV.
        golden: The rows in it, with their predictions.
    """

    name: str
    summary: str
    media_type: str
    body: Any
    golden: Sequence[Golden]


def examples(manifest: Manifest) -> list[Example]:
    """One request for each shape; `data` is none for a model with a field of that name."""
    golden = manifest.golden[:_SHOWN]
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


def csv_of(fields: Sequence[Field], rows: Sequence[Json]) -> str:
    """Rows as CSV with a header line; an absent value is an empty cell.

    Args:
        fields: All fields of the model, in order.
        rows: The rows, as JSON objects.
    """
    return _table([[field.name for field in fields], *_values(fields, rows)])


def csv_answer(golden: Sequence[Golden]) -> str:
    """The predictions of rows as CSV with a header line."""
    return _table([[*golden[0].prediction], *([*row.prediction.values()] for row in golden)])


def _table(lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _json(name: str, summary: str, body: Json, golden: Sequence[Golden]) -> Example:
    return Example(name=name, summary=summary, media_type="application/json", body=body, golden=golden)


def _values(fields: Sequence[Field], rows: Sequence[Json]) -> list[list[Any]]:
    return [[row.get(field.name) for field in fields] for row in rows]
