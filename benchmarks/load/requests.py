"""Request bodies for rows, and predictions in responses, in the protocol of each contender."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROW, JSON_BATCH, CSV_BATCH = "row", "json", "csv"
JSON, CSV = "application/json", "text/csv"

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A POST request."""

    path: str
    content_type: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Format of requests and responses.

    Attributes:
        encode: Returns the body for a kind of request, rows and the names of all fields.
        decode: Returns the predictions in a response.
    """

    encode: Callable[[str, Rows, Sequence[str]], str]
    decode: Callable[[Any], list[dict[str, Any]]]


def _plain(kind: str, rows: Rows, fields: Sequence[str]) -> str:
    if kind == ROW:
        return json.dumps(rows[0])
    if kind == JSON_BATCH:
        return json.dumps({"instances": rows})
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _tensors(kind: str, rows: Rows, fields: Sequence[str]) -> str:
    del kind
    columns = {name: [row.get(name) for row in rows] for name in fields}
    return json.dumps({"inputs": [_tensor(name, column) for name, column in columns.items()]})


def _tensor(name: str, column: list[Any]) -> dict[str, Any]:
    datatype = "BYTES" if any(isinstance(value, str) for value in column) else "FP64"
    return {"name": name, "shape": [len(column)], "datatype": datatype, "data": column}


def _from_tensors(response: Any) -> list[dict[str, Any]]:
    names = [output["name"] for output in response["outputs"]]
    columns = [output["data"] for output in response["outputs"]]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


PLAIN = Protocol(encode=_plain, decode=lambda response: response["predictions"])
V2 = Protocol(encode=_tensors, decode=_from_tensors)
