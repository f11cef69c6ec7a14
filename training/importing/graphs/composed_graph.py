"""Composition of an imported graph for serving: columns of a request in, probabilities or the value out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.compose
from onnx import TensorProto, helper, numpy_helper

from bundle import NUMBERS, STRINGS, Columns, output_name
from training.importing.column_matching import Matching
from training.importing.graphs.foreign_graph import ForeignGraph, ForeignInput
from training.importing.graphs.graph_nodes import all_nodes, needed_nodes, producer, values_of
from training.importing.graphs.output_meaning import OutputMeaning

_PREFIX = "imported_"
# IR version 4 is the first whose initializers need not be inputs, 8 the first with the opsets of today.
_OLDEST_IR, _OPSET = 8, 13
_ROWS = "rows"


def compose(graph: ForeignGraph, matching: Matching, meaning: OutputMeaning, columns: Columns) -> bytes:
    """Returns the ONNX file of a bundle: a front of the request's columns, the graph, and one output.

    Args:
        graph: The imported graph.
        matching: Columns of each of its inputs.
        meaning: Its output with the predictions.
        columns: Columns of the request, named as in `matching`.
    """
    foreign = onnx.compose.add_prefix(graph.model, _PREFIX)
    sources = [_PREFIX + name for name in meaning.names]
    if meaning.form == "maps":
        node = producer(foreign.graph, sources[0])
        assert node is not None, "the meaning has found it"  # noqa: S101
        sources = [node.input[0]]
    front = [one for foreign_input in graph.inputs for one in _front(foreign_input, matching, columns)]
    back = [*_back(sources, meaning)]
    nodes = [
        *(one for one in front if isinstance(one, onnx.NodeProto)),
        *needed_nodes(foreign.graph, sources),
        *(one for one in back if isinstance(one, onnx.NodeProto)),
    ]
    constants = [one for one in (*front, *back) if isinstance(one, onnx.TensorProto)]
    return _serialized(foreign, nodes, constants, columns, meaning)


def _front(
    one: ForeignInput, matching: Matching, columns: Columns
) -> Iterator[onnx.NodeProto | onnx.TensorProto]:
    """Yields the nodes that select the columns of an input, and give them its type and shape."""
    is_string = one.kind == "string"
    tensor, order = (STRINGS, columns.strings) if is_string else (NUMBERS, columns.numbers)
    positions = [order.index(name) for name in matching.columns[one.name]]
    value, target = tensor, _PREFIX + one.name
    steps: list[tuple[str, list[str], dict[str, Any]]] = []
    if positions != [*range(len(order))]:
        name = f"{target}_columns"
        yield numpy_helper.from_array(np.array(positions, dtype=np.int64), name)
        steps.append(("Gather", [name], {"axis": 1}))
    if not is_string and one.element != TensorProto.FLOAT:
        steps.append(("Cast", [], {"to": one.element}))
    if one.rank == 1:
        yield numpy_helper.from_array(np.array([-1], dtype=np.int64), f"{target}_shape")
        steps.append(("Reshape", [f"{target}_shape"], {}))
    for number, (kind, constants, attributes) in enumerate(steps or [("Identity", [], {})], start=1):
        output = target if number >= len(steps) else f"{target}_{number}"
        yield helper.make_node(kind, [value, *constants], [output], **attributes)
        value = output


def _back(sources: Sequence[str], meaning: OutputMeaning) -> Iterator[onnx.NodeProto | onnx.TensorProto]:
    """Yields the nodes that make float32 of shape (rows, labels) or (rows, 1) of the graph's outputs."""
    output = output_name("binary" if meaning.labels else "regression")
    width = len(meaning.labels) if meaning.form in ("probabilities", "maps") else 1
    yield numpy_helper.from_array(np.array([-1, width], dtype=np.int64), "answer_shape")
    shaped = []
    for number, source in enumerate(sources):
        name = f"answer_{number}"
        yield helper.make_node("Cast", [source], [f"{name}_float"], to=TensorProto.FLOAT)
        yield helper.make_node("Reshape", [f"{name}_float", "answer_shape"], [name])
        shaped.append(name)
    if meaning.form == "positive":
        yield numpy_helper.from_array(np.array(1, dtype=np.float32), "answer_one")
        yield helper.make_node("Sub", ["answer_one", *shaped], ["answer_other"])
        shaped = ["answer_other", *shaped]
    if len(shaped) == 1:
        yield helper.make_node("Identity", shaped, [output])
    else:
        yield helper.make_node("Concat", shaped, [output], axis=1)


def _serialized(
    foreign: onnx.ModelProto,
    nodes: Sequence[onnx.NodeProto],
    constants: Sequence[onnx.TensorProto],
    columns: Columns,
    meaning: OutputMeaning,
) -> bytes:
    tensors = ((NUMBERS, TensorProto.FLOAT, columns.numbers), (STRINGS, TensorProto.STRING, columns.strings))
    inputs = [
        helper.make_tensor_value_info(name, kind, [_ROWS, len(names)])
        for name, kind, names in tensors
        if names
    ]
    name = output_name("binary" if meaning.labels else "regression")
    output = helper.make_tensor_value_info(name, TensorProto.FLOAT, [_ROWS, len(meaning.labels) or 1])
    used = {value for node in nodes for value in values_of(node)}
    kept = [tensor for tensor in foreign.graph.initializer if tensor.name in used]
    model = helper.make_model(
        helper.make_graph(nodes, "model", inputs, [output], initializer=[*kept, *constants]),
        producer_name="training",
        ir_version=max(foreign.ir_version, _OLDEST_IR),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in _opsets(foreign, nodes)],
    )
    model.graph.sparse_initializer.extend(foreign.graph.sparse_initializer)
    _remove_notes(model.graph)
    return bytes(model.SerializeToString(deterministic=True))


def _remove_notes(graph: onnx.GraphProto) -> None:
    """Removes notes of the exporter, such as places in source files of the machine it ran on."""
    for noted in (*all_nodes(graph), *graph.initializer):
        noted.ClearField("metadata_props")
        noted.ClearField("doc_string")


def _opsets(foreign: onnx.ModelProto, nodes: Sequence[onnx.NodeProto]) -> list[tuple[str, int]]:
    found: Mapping[str, int] = {
        one.domain.removeprefix("ai.onnx") if one.domain == "ai.onnx" else one.domain: one.version
        for one in foreign.opset_import
    }
    domains = {node.domain for node in nodes} - {"", "ai.onnx"}
    return [("", found.get("", _OPSET)), *((name, found[name]) for name in sorted(domains))]
