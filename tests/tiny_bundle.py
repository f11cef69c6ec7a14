"""Bundles for tests, tiny and with many columns: a graph of a few operators, without training."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bundle import (
    Bundle,
    Columns,
    DataSource,
    Field,
    Golden,
    Manifest,
    Metrics,
    Quantiles,
    read_archive,
    write_archive,
)

FIELDS = (
    Field(
        name="size",
        type="number",
        minimum=0,
        maximum=100,
        description="How large it is.",
        unit="cm",
        example=3,
    ),
    Field(name="count", type="integer", required=False, minimum=0, description="How many.", example=2),
    Field(name="day", type="date", required=False, description="On which day.", example="2024-02-29"),
    Field(name="at", type="time", required=False, description="At which time.", example="17:45"),
    Field(
        name="kind",
        type="string",
        required=False,
        pattern="^[a-z]{1,8}$",
        description="Of what.",
        example="ant",
    ),
)
# The graph returns softmax([0, size]) by default, so size 0 has a probability of exactly one half.
EXAMPLE = {"size": 0.0, "day": "2024-02-29", "at": "17:45", "kind": "ant"}


def tiny_graph(*, weight: float = 1.0, fields: tuple[Field, ...] = FIELDS) -> onnx.ModelProto:
    """Returns a graph of softmax([0, weight * first number]), with 0 for absent numbers."""
    columns = Columns(fields)
    weights = np.zeros((len(columns.numbers), 2), dtype=np.float32)
    weights[0, 1] = weight
    nodes = [
        helper.make_node("IsNaN", ["numbers"], ["absent"]),
        helper.make_node("Where", ["absent", "zero", "numbers"], ["filled"]),
        helper.make_node("MatMul", ["filled", "weights"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    inputs = [helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [None, len(columns.numbers)])]
    if columns.strings:
        inputs.append(
            helper.make_tensor_value_info("strings", TensorProto.STRING, [None, len(columns.strings)])
        )
    return helper.make_model(
        helper.make_graph(
            nodes,
            "tiny",
            inputs,
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
            initializer=[
                numpy_helper.from_array(np.array(0, dtype=np.float32), "zero"),
                numpy_helper.from_array(weights, "weights"),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=9,
    )


def tiny_manifest(**overrides: Any) -> Manifest:
    """Returns the manifest of the tiny bundle, with some attributes replaced."""
    parts: dict[str, Any] = {
        "name": "tiny",
        "task": "binary",
        "fields": FIELDS,
        "labels": ("no", "yes"),
        "positive_label": "yes",
        "threshold": 0.5,
        "metrics": Metrics(split="none", values={}),
        "data": DataSource(name="made in a test", rows=1),
        "libraries": {},
        "golden": (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.5}),),
    }
    return Manifest(**(parts | overrides))


def tiny_quantiles(**overrides: Any) -> Quantiles:
    """Returns the second target of the tiny bundle, with some attributes replaced."""
    parts: dict[str, Any] = {
        "name": "minutes",
        "description": "the time that it takes",
        "unit": "minutes",
        "levels": (0.1, 0.5, 0.9),
        "metrics": {"coverage": 0.8},
        "golden": ((-5.0, 0.0, 20.0),),
    }
    return Quantiles(**(parts | overrides))


def tiny_quantiles_graph(fields: tuple[Field, ...] = FIELDS) -> onnx.ModelProto:
    """Returns a graph of the quantiles -5, 0 and 20, plus ten times the first number."""
    graph = tiny_graph(weight=10.0, fields=fields)
    nodes = graph.graph.node
    del nodes[3:]
    weights = np.zeros((len(Columns(fields).numbers), 3), dtype=np.float32)
    weights[0] = 10
    [*_, initializer] = graph.graph.initializer
    initializer.CopyFrom(numpy_helper.from_array(weights, "weights"))
    ends = numpy_helper.from_array(np.array([-5, 0, 20], dtype=np.float32), "ends")
    graph.graph.initializer.append(ends)
    nodes.append(helper.make_node("Add", ["scores", "ends"], ["quantiles"]))
    del graph.graph.output[:]
    graph.graph.output.append(helper.make_tensor_value_info("quantiles", TensorProto.FLOAT, [None, 3]))
    return graph


def write_tiny_bundle(path: Path, *, weight: float = 1.0, **overrides: Any) -> Bundle:
    """Writes the tiny bundle as an archive; `weight` changes the graph, `overrides` the manifest."""
    manifest = tiny_manifest(**overrides)
    graph = tiny_graph(weight=weight, fields=manifest.fields)
    second = tiny_quantiles_graph(manifest.fields).SerializeToString(deterministic=True)
    return write_archive(
        path,
        manifest=manifest,
        model=graph.SerializeToString(deterministic=True),
        quantiles=second if manifest.quantiles else b"",
    )


def write_tiny_report(bundle: Path) -> Path:
    """Writes the report of a bundle's training beside it, in short, and returns its path."""
    version = read_archive(bundle).manifest.version
    path = bundle.with_name("report.html")
    path.write_text(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>tiny: report</title>'
        "<style>p{margin:1px}</style></head><body><main><h1>Report of the training</h1>"
        f'<p style="margin:2px">version <code>{version}</code></p></main></body></html>\n',
        encoding="utf-8",
    )
    return path


def write_wide_bundle(path: Path, *, columns: int, name: str = "wide", **parts: Any) -> Path:
    """Writes a bundle of a model with so many required numbers, and returns its path.

    The graph is the tiny one, so a row whose first column is 0 has a probability of one half.
    """
    fields = tuple(
        Field(
            name=f"column_{number}",
            type="number",
            minimum=0,
            maximum=1_000_000,
            description=f"Measurement {number} of the machine, averaged over the last minute.",
            unit="mm",
            example=number,
        )
        for number in range(columns)
    )
    row = {field.name: float(number) for number, field in enumerate(fields)}
    golden = (Golden(instance=row, prediction={"label": "yes", "probability": 0.5}),)
    write_tiny_bundle(path, name=name, fields=fields, golden=golden, **parts)
    return path
