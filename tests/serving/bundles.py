"""Tiny multiclass and regression bundles for tests; `tests.tiny_bundle` is the binary one."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bundle import (
    Bundle,
    DataSource,
    Distribution,
    Field,
    Golden,
    Manifest,
    Metrics,
    Reference,
    write_archive,
)

COLOURS = ("red", "green", "blue")


def write_colour_bundle(path: Path, **parts: Any) -> Bundle:
    """Writes a multiclass bundle: the label equal to the text has probability 0.5, else "red" has it."""
    nodes = [
        helper.make_node(
            "LabelEncoder",
            ["strings"],
            ["codes"],
            domain="ai.onnx.ml",
            keys_strings=list(COLOURS),
            values_int64s=[0, 1, 2],
            default_int64=0,
        ),
        helper.make_node("Squeeze", ["codes", "axis"], ["indices"]),
        helper.make_node("Gather", ["table", "indices"], ["probabilities"], axis=0),
    ]
    table = np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2], [0.2, 0.3, 0.5]], dtype=np.float32)
    model = _model(
        nodes,
        inputs=[helper.make_tensor_value_info("strings", TensorProto.STRING, [None, 1])],
        output=helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 3]),
        constants={"table": table, "axis": np.array([1], dtype=np.int64)},
    )
    manifest = _manifest(
        name="colour",
        task="multiclass",
        fields=(Field(name="word", type="text", description="Any word.", example="blue"),),
        labels=COLOURS,
        golden=(Golden(instance={"word": "blue"}, prediction={"label": "blue", "probability": 0.5}),),
        **parts,
    )
    return write_archive(path, manifest=manifest, model=model)


def write_square_bundle(path: Path, *, graph: bytes = b"", **parts: Any) -> Bundle:
    """Writes a regression that squares its number; `graph` is that of its quantiles."""
    model = _model(
        [helper.make_node("Mul", ["numbers", "numbers"], ["value"])],
        inputs=[helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [None, 1])],
        output=helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1]),
        constants={},
    )
    manifest = _manifest(
        name="square",
        task="regression",
        fields=(Field(name="side", type="number", description="Its side.", example=1.1),),
        golden=(Golden(instance={"side": 1.1}, prediction={"value": 1.21}),),
        **parts,
    )
    return write_archive(path, manifest=manifest, model=model, quantiles=graph)


def write_mixing_bundle(path: Path, *, graph: bytes = b"", **parts: Any) -> Bundle:
    """Writes a binary model whose five inputs interact; `graph` is that of its quantiles."""
    names = ("first", "second", "third", "fourth")
    kind = Field(name="kind", type="string", required=False, description="A kind.", example="ant")
    weights = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    nodes = [
        helper.make_node("IsNaN", ["numbers"], ["absent"]),
        helper.make_node("Where", ["absent", "nothing", "numbers"], ["filled"]),
        helper.make_node(
            "LabelEncoder",
            ["strings"],
            ["codes"],
            domain="ai.onnx.ml",
            keys_strings=["ant", "bee"],
            values_floats=[1.0, -2.0],
            default_float=0.0,
        ),
        helper.make_node("Concat", ["filled", "codes"], ["inputs"], axis=1),
        helper.make_node("MatMul", ["inputs", "weights"], ["hidden"]),
        helper.make_node("Tanh", ["hidden"], ["bent"]),
        helper.make_node("ReduceProd", ["bent"], ["product"], axes=[1], keepdims=1),
        helper.make_node("Concat", ["product", "bent"], ["mixed"], axis=1),
        helper.make_node("MatMul", ["mixed", "last"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    last = np.array([[0, 3], [0, 1], [1, 0], [0, 0.5]], dtype=np.float32)
    seen = Distribution(edges=(-10.0, 10.0), shares=(1.0,))
    kinds = Distribution(values={"ant": 0.75, "bee": 0.25})
    reference = Reference(
        rows=4,
        fields={**dict.fromkeys(names, seen), "kind": kinds},
        predictions={},
        typical={"first": 1.0, "second": 2.0, "third": 3.0, "kind": "ant"},
        together={"pair": ("third", "fourth")},
    )
    model = _model(
        nodes,
        inputs=[
            helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [None, 4]),
            helper.make_tensor_value_info("strings", TensorProto.STRING, [None, 1]),
        ],
        output=helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
        constants={"weights": weights, "last": last, "nothing": np.array(0.5, dtype=np.float32)},
        opset=13,
    )
    manifest = _manifest(
        name="mixing",
        task="binary",
        fields=(*(Field(name=name, type="number", required=False, example=1) for name in names), kind),
        labels=("no", "yes"),
        positive_label="yes",
        threshold=0.5,
        golden=(Golden(instance={"first": 1}, prediction={"label": "yes", "probability": 0.5}),),
        reference=reference,
        **parts,
    )
    return write_archive(path, manifest=manifest, model=model, quantiles=graph)


def _model(
    nodes: list[Any], *, inputs: list[Any], output: Any, constants: dict[str, Any], opset: int = 18
) -> bytes:
    initializer = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "graph", inputs, [output], initializer=initializer)
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString(deterministic=True))


def _manifest(**parts: Any) -> Manifest:
    return Manifest(
        metrics=Metrics(split="none", values={}),
        data=DataSource(name="made in a test", rows=1),
        libraries={},
        **parts,
    )
