"""ONNX graph of a booster that LightGBM or XGBoost saved."""

import onnx
from onnx import TensorProto, helper

from training.export.boosters.booster_parts import BoosterParts, add_booster
from training.export.boosters.node_list import NodeList
from training.export.graphs.graph_builder import GraphBuilder
from training.export.onnx_export import OPSETS

# IR version of the opsets.
_IR = 9
FEATURES, WORDS = "features", "words"
_OUTPUT = "answer"


def booster_graph(parts: BoosterParts) -> onnx.ModelProto:
    """Makes a graph with a float tensor of numbers, one of strings if there are any, and one of answers."""
    found = NodeList()
    graph = GraphBuilder(found, found)
    tensors = (
        (FEATURES, TensorProto.FLOAT, len(parts.numbers)),
        (WORDS, TensorProto.STRING, len(parts.words)),
    )
    inputs = [
        helper.make_tensor_value_info(name, kind, [None, width]) for name, kind, width in tensors if width
    ]
    answers = add_booster(graph, parts, numbers=FEATURES, strings=WORDS)
    graph.add("Identity", [answers], output=_OUTPUT)
    output = helper.make_tensor_value_info(_OUTPUT, TensorProto.FLOAT, [None, len(parts.trees)])
    opsets = [helper.make_opsetid(domain, opset) for domain, opset in OPSETS.items()]
    made = helper.make_graph(found.nodes, "booster", inputs, [output], initializer=found.constants)
    return helper.make_model(made, opset_imports=opsets, ir_version=_IR)
