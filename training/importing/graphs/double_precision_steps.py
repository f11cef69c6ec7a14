"""Trees of a graph that converters write for double, and that the library runs in float.

The steps before trees stay double, so that a scaled number is rounded once, as scikit-learn and XGBoost do.
LightGBM and HistGradientBoosting do not round it: their own converters write trees that compare doubles.
"""

from collections.abc import Collection, Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.export.graphs.tree_ensemble import DOUBLE_TREES, round_down

_TREES = ("TreeEnsembleRegressor", "TreeEnsembleClassifier")
_TENSOR = "_as_tensor"


def runnable_in_double(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copies a model with double inputs: its trees on float32."""
    found = onnx.ModelProto()
    found.CopyFrom(model)
    floats = {one.name for one in found.graph.output if one.type.tensor_type.elem_type == TensorProto.FLOAT}
    nodes = [new for node in found.graph.node for new in (*_replaced(node), *_rounded_mean(node, floats))]
    found.graph.ClearField("node")
    found.graph.node.extend(nodes)
    found.graph.ClearField("value_info")
    trees = {node.output[-1] for node in model.graph.node if node.op_type in _TREES}
    for output in found.graph.output:
        if output.name in trees:
            output.type.tensor_type.elem_type = TensorProto.DOUBLE
    return found


def _replaced(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    if node.op_type in _TREES and not node.name.startswith(DOUBLE_TREES):
        rounded = f"{node.input[0]}_as_float_{node.output[0]}"
        yield helper.make_node("Cast", [node.input[0]], [rounded], to=TensorProto.FLOAT)
        trees = _float_trees(node, rounded)
        scores, trees.output[-1] = node.output[-1], f"{node.output[-1]}_as_float"
        yield trees
        # The steps after the trees are written for double.
        yield helper.make_node("Cast", [trees.output[-1]], [scores], to=TensorProto.DOUBLE)
    else:
        yield node


def _rounded_mean(node: onnx.NodeProto, floats: Collection[str]) -> Iterator[onnx.NodeProto]:
    """Rounds the mean of a BaggingClassifier: its output is declared as float, its members give double."""
    if node.op_type == "ReduceMean" and node.output[0] in floats:
        declared = node.output[0]
        node.output[0] = f"{declared}_as_double"
        yield helper.make_node("Cast", [node.output[0]], [declared], to=TensorProto.FLOAT)


def _float_trees(node: onnx.NodeProto, source: str) -> onnx.NodeProto:
    trees = onnx.NodeProto()
    trees.CopyFrom(node)
    trees.input[0] = source
    trees.ClearField("attribute")
    for attribute in node.attribute:
        name = attribute.name.removesuffix(_TENSOR)
        if name == attribute.name:
            trees.attribute.append(attribute)
            continue
        values = numpy_helper.to_array(attribute.t).astype(np.float64)
        floats = round_down(values) if name == "nodes_values" else values.astype(np.float32)
        trees.attribute.append(helper.make_attribute(name, floats.tolist()))
    return trees
