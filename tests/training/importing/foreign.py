"""Small ONNX files as other tools would write them, for the tests of imports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WEIGHTS = np.array([[0.5, -0.5, 0.1], [0.2, 0.1, -0.4], [0.3, 0.3, 0.3], [-0.2, 0.4, 0.6]], dtype=np.float32)
SCORES = helper.make_node("MatMul", ["x", "weights"], ["scores"])
NODES = (SCORES, helper.make_node("Softmax", ["scores"], ["p"], axis=1))
Value = tuple[str, int, Sequence[int | None]]


def network(
    nodes: Sequence[onnx.NodeProto] = NODES,
    *,
    inputs: Sequence[Value] = (("x", TensorProto.FLOAT, (None, 4)),),
    outputs: Sequence[Value] = (("p", TensorProto.FLOAT, (None, 3)),),
    constants: Sequence[onnx.TensorProto] = (),
    opsets: Sequence[tuple[str, int]] = (("", 17),),
    ir_version: int = 9,
) -> onnx.ModelProto:
    """A network of one layer of four numbers, or another graph."""
    graph = helper.make_graph(
        [*nodes],
        "network",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        initializer=[numpy_helper.from_array(WEIGHTS, "weights"), *constants],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*one) for one in opsets], ir_version=ir_version
    )


def saved(folder: Path, model: onnx.ModelProto | bytes, name: str = "model.onnx") -> Path:
    """Writes a model into a folder."""
    path = folder / name
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return path


def rows_file(folder: Path, header: str = "a,b,c,d", rows: Any = None) -> Path:
    """Writes 30 rows of random numbers, or the given ones, as a sample."""
    table = np.random.default_rng(0).normal(size=(30, 4)).round(3) if rows is None else rows
    path = folder / "sample.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in table)]) + "\n")
    return path
