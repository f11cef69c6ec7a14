"""ONNX graph of a booster that LightGBM or XGBoost saved: its trees, and the function of its objective."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.export.graphs.tree_ensemble import Node, tree_ensemble
from training.export.onnx_export import OPSETS

# Functions of objectives, as operators after the sum of the trees.
IDENTITY, SIGMOID, SOFTMAX, EXPONENTIAL, SIGNED_SQUARE = (
    "Identity",
    "Sigmoid",
    "Softmax",
    "Exp",
    "signed square",
)
# IR version of the opsets.
_IR = 9
_INPUT, _OUTPUT = "features", "answer"


def booster_graph(
    trees: Sequence[Sequence[Node]],
    *,
    features: int,
    function: str,
    scale: float = 1.0,
    base: Sequence[float] = (0.0,),
) -> onnx.ModelProto:
    """Makes a graph with one float tensor of all features, and one of answers.

    Args:
        trees: Root nodes of the trees of each answer.
        features: Number of features.
        function: Function of the objective.
        scale: Factor of the sums of the trees.
        base: What is added to each sum after that, one for all answers or one each.
    """
    nodes, sums = [], []
    for number, own in enumerate(trees):
        sums.append(f"sum_{number}")
        attributes = tree_ensemble(own, targets=1)
        nodes.append(
            helper.make_node("TreeEnsembleRegressor", [_INPUT], [sums[-1]], domain="ai.onnx.ml", **attributes)
        )
    nodes.append(helper.make_node("Concat", sums, ["sums"], axis=1))
    nodes.append(helper.make_node("Mul", ["sums", "scale"], ["scaled"]))
    nodes.append(helper.make_node("Add", ["scaled", "base"], ["margin"]))
    nodes += _function(function)
    constants = {"scale": [scale], "base": [*base]}
    graph = helper.make_graph(
        nodes,
        "booster",
        [helper.make_tensor_value_info(_INPUT, TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info(_OUTPUT, TensorProto.FLOAT, [None, len(trees)])],
        initializer=[
            numpy_helper.from_array(np.array(values, dtype=np.float32), name)
            for name, values in constants.items()
        ],
    )
    opsets = [helper.make_opsetid(domain, opset) for domain, opset in OPSETS.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)


def _function(function: str) -> list[Any]:
    if function == SIGNED_SQUARE:
        return [
            helper.make_node("Abs", ["margin"], ["size"]),
            helper.make_node("Mul", ["margin", "size"], [_OUTPUT]),
        ]
    attributes: dict[str, Any] = {"axis": 1} if function == SOFTMAX else {}
    return [helper.make_node(function, ["margin"], [_OUTPUT], **attributes)]
