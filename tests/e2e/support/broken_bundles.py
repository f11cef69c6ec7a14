"""Bundles of the tiny model that pass every check of a deployment, and fail when they are loaded or asked."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import NodeProto, TensorProto, helper, numpy_helper

from bundle import Golden, read_archive, write_archive
from tests.tiny_bundle import EXAMPLE, tiny_graph, tiny_manifest, write_tiny_bundle

# Trips of the loop with which its speed on this machine is measured.
_TRIED_TRIPS = 5000
_UNIT_SECONDS = 0.1
_SIDE = 64


def write_failing_bundle(path: Path) -> None:
    """Writes a model that raises an error for every row whose size is not 0; its golden row has size 0."""
    nodes = [
        helper.make_node("Cast", ["largest"], ["index"], to=TensorProto.INT64),
        # An index beyond the table's only entry is an error of ONNX Runtime.
        helper.make_node("Gather", ["table", "index"], ["nothing"], axis=0),
    ]
    _write(path, nodes, table=np.zeros(1, dtype=np.float32))


def write_slow_bundle(path: Path) -> None:
    """Writes a model that takes 0.1 s of this machine's processor time for each unit of a row's size."""
    _write_loop(path, trips=_TRIED_TRIPS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(read_archive(path).model, options)
    row = {"numbers": np.ones((1, 7), dtype=np.float32), "strings": np.array([[""]], dtype=object)}
    began = time.process_time()
    session.run(None, row)
    _write_loop(path, trips=round(_TRIED_TRIPS * _UNIT_SECONDS / (time.process_time() - began)))


def _write_loop(path: Path, *, trips: int) -> None:
    """Writes a model that multiplies matrices so many times for each unit of a row's size."""
    square = [_SIDE, _SIDE]
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["condition"], ["again"]),
            helper.make_node("MatMul", ["carried", "matrix"], ["product"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("trip", TensorProto.INT64, []),
            helper.make_tensor_value_info("condition", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", TensorProto.FLOAT, square),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("product", TensorProto.FLOAT, square),
        ],
    )
    nodes = [
        helper.make_node("Mul", ["largest", "trips"], ["product_count"]),
        helper.make_node("Cast", ["product_count"], ["count"], to=TensorProto.INT64),
        helper.make_node("Loop", ["count", "", "matrix"], ["last"], body=body),
        helper.make_node("ReduceMax", ["last"], ["nothing"], keepdims=0),
    ]
    matrix = np.zeros(square, dtype=np.float32)
    _write(path, nodes, trips=np.array(trips, dtype=np.float32), matrix=matrix)


def write_mistaken_bundle(path: Path) -> None:
    """Writes a model whose golden row does not get its golden prediction."""
    golden = Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.9})
    write_tiny_bundle(path, golden=(golden,))


def write_unloadable_bundle(path: Path) -> None:
    """Writes a model that no session of ONNX Runtime can load: an operator does not exist."""
    graph = tiny_graph()
    graph.graph.node[0].op_type = "IsNobody"
    write_archive(path, manifest=tiny_manifest(), model=graph.SerializeToString(deterministic=True))


def _write(path: Path, nodes: Sequence[NodeProto], **constants: np.ndarray) -> None:
    """Writes the tiny model with further nodes, which compute `nothing`, 0, from the largest size."""
    model = tiny_graph()
    *first, softmax = model.graph.node
    softmax.input[0] = "sums"
    sizes = helper.make_node("Gather", ["filled", "first"], ["sizes"], axis=1)
    largest = helper.make_node("ReduceMax", ["sizes"], ["largest"], keepdims=0)
    addition = helper.make_node("Add", ["scores", "nothing"], ["sums"])
    del model.graph.node[:]
    model.graph.node.extend([*first, sizes, largest, *nodes, addition, softmax])
    constants["first"] = np.array(0)
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    onnx.checker.check_model(model)
    write_archive(path, manifest=tiny_manifest(), model=model.SerializeToString(deterministic=True))
