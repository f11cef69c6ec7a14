"""Windows for tests: rows of a small model whose reference is that of the same random rows."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bundle import Distribution, Field, Golden, Manifest, Reference
from monitoring.captures.capture_window import CaptureWindow
from tests.tiny_bundle import tiny_manifest

FIELDS = (
    Field(name="delay", type="number", required=False, description="Minutes.", example=1.5),
    Field(name="kind", type="string", required=False, description="Of what.", example="ant"),
    Field(name="month", type="integer", description="Of the year.", example=2),
    Field(name="note", type="string", required=False, ignored=True, description="Not used.", example="x"),
)
KINDS = {"ant": 0.5, "bee": 0.3, "cow": 0.2}
EDGES = tuple(float(edge) for edge in range(0, 101, 10))
REFERENCE = Reference(
    rows=100_000,
    fields={
        "delay": Distribution(edges=EDGES, shares=(0.1,) * 10),
        "kind": Distribution(missing=0.001, values=KINDS),
        "month": Distribution(edges=(1.0, 6.0, 12.0), shares=(0.5, 0.5)),
    },
    predictions={"": Distribution(edges=(0.0, 0.25, 0.5, 0.75, 1.0), shares=(0.25,) * 4)},
)
GOLDEN = Golden(instance={"month": 1}, prediction={"label": "yes", "probability": 0.5})
START = datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC)


def drift_manifest(**parts: Any) -> Manifest:
    """Returns the manifest of the model."""
    return tiny_manifest(**({"fields": FIELDS, "golden": (GOLDEN,), "reference": REFERENCE} | parts))


def drift_window(
    rows: int = 2_000,
    *,
    days: int = 7,
    seed: int = 0,
    shift: Callable[[dict[str, list[Any]]], None] = lambda columns: None,  # noqa: ARG005 - nothing
    **parts: Mapping[str, Any],
) -> CaptureWindow:
    """Returns rows like those of the reference, in February, after a shift of their columns."""
    random = np.random.default_rng(seed)
    columns: dict[str, list[Any]] = {
        "delay": random.uniform(0, 100, rows).tolist(),
        "kind": random.choice([*KINDS], rows, p=[*KINDS.values()]).tolist(),
        "month": [2] * rows,
        "prediction": random.uniform(0, 1, rows).tolist(),
    }
    shift(columns)
    predictions = columns.pop("prediction")
    times = [START + datetime.timedelta(days=row * days // rows, seconds=row) for row in range(rows)]
    found: dict[str, Any] = {
        "columns": columns,
        "predictions": predictions,
        "times": times,
        "calls": [*range(rows)],
        "ids": ["id"] * rows,
        **parts,
    }
    return CaptureWindow(**found)
