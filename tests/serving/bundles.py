"""Small bundles of the multiclass and the regression task; `tests.tiny_bundle` has the binary one."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bundle import Bundle, DataSource, Field, Golden, Manifest, Metrics, write_archive

COLOURS = ("red", "green", "blue")


def write_colour_bundle(path: Path) -> Bundle:
    """Writes a multiclass bundle: probability 0.5 for the class that the string names, red for any other."""
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
    )
    return write_archive(path, manifest=manifest, model=model)


def write_square_bundle(path: Path) -> Bundle:
    """Writes a regression bundle: the square of a number."""
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
    )
    return write_archive(path, manifest=manifest, model=model)


def _model(nodes: list[Any], *, inputs: list[Any], output: Any, constants: dict[str, Any]) -> bytes:
    initializer = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "graph", inputs, [output], initializer=initializer)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString(deterministic=True))


def _manifest(**parts: Any) -> Manifest:
    return Manifest(
        metrics=Metrics(split="none", values={}),
        data=DataSource(name="made in a test", rows=1),
        libraries={},
        **parts,
    )
