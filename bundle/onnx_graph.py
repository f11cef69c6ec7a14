"""ONNX graph of a bundle: its inputs, outputs, operator domains and external data; options of its session.

Reads the protobuf wire format directly, so that a model can be refused before ONNX Runtime loads it.
Source: https://onnx.ai/onnx/repo-docs/IR.html and https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bundle.errors import BundleError

EXECUTION_PROVIDERS = ["CPUExecutionProvider"]
STANDARD_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_EXTERNAL = 1
_LOG_ERRORS = 3

# Field numbers of onnx.proto, message by message.
_MODEL_GRAPH, _MODEL_FUNCTIONS = 7, 25
_FUNCTION_NODE, _FUNCTION_DOMAIN = 7, 10
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 1, 5, 11, 12, 15
_VALUE_NAME = 1
_NODE_ATTRIBUTE, _NODE_DOMAIN = 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES = 22, 23
_SPARSE_TENSORS = (1, 2)
_TENSOR_EXTERNAL_DATA, _TENSOR_DATA_LOCATION = 13, 14


@dataclass
class Graph:
    """Outline of an ONNX file: `inputs`, `outputs`, operator `domains`, whether data is `external`."""

    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    domains: set[str] = field(default_factory=set)
    external: bool = False


def configure_session(options: Any) -> Any:
    """Sets the options of every ONNX Runtime session on a bundle's graph.

    Args:
        options: A new `onnxruntime.SessionOptions`.

    Returns:
        The same options.
    """
    # One thread adds floats in one order, so a prediction is the same on every machine.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _LOG_ERRORS
    return options


def read_graph(model: bytes, name: str = "model.onnx") -> Graph:
    """Reads the outline of an ONNX file; `name` is its name in messages.

    Raises:
        BundleError: When `model` is not an ONNX file.
    """
    graph = Graph()
    try:
        for number, value in _messages(memoryview(model)):
            if number == _MODEL_GRAPH:
                _read_graph(value, graph, top=True)
            elif number == _MODEL_FUNCTIONS:
                _read_function(value, graph)
    except (IndexError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(
            f"The bundle's {name} is truncated or not an ONNX file: train the model again."
        ) from error
    if not graph.outputs:
        raise BundleError(f"The bundle's {name} holds no graph: train the model again.")
    return graph


def _read_graph(data: memoryview, graph: Graph, *, top: bool) -> None:
    for number, value in _messages(data):
        if number == _GRAPH_NODE:
            _read_node(value, graph)
        elif number == _GRAPH_INITIALIZER:
            _read_tensor(value, graph)
        elif number == _GRAPH_SPARSE:
            _read_sparse(value, graph)
        elif top and number == _GRAPH_INPUT:
            graph.inputs.append(_text(value, _VALUE_NAME))
        elif top and number == _GRAPH_OUTPUT:
            graph.outputs.append(_text(value, _VALUE_NAME))


def _read_function(data: memoryview, graph: Graph) -> None:
    graph.domains.add(_text(data, _FUNCTION_DOMAIN))
    for number, value in _messages(data):
        if number == _FUNCTION_NODE:
            _read_node(value, graph)


def _read_node(data: memoryview, graph: Graph) -> None:
    graph.domains.add(_text(data, _NODE_DOMAIN))
    for number, value in _messages(data):
        if number == _NODE_ATTRIBUTE:
            _read_attribute(value, graph)


def _read_attribute(data: memoryview, graph: Graph) -> None:
    for number, value in _messages(data):
        if number in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
            _read_graph(value, graph, top=False)
        elif number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            _read_tensor(value, graph)
        elif number in (_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES):
            _read_sparse(value, graph)


def _read_sparse(data: memoryview, graph: Graph) -> None:
    for number, value in _messages(data):
        if number in _SPARSE_TENSORS:
            _read_tensor(value, graph)


def _read_tensor(data: memoryview, graph: Graph) -> None:
    for number, value in _parts(data):
        located = number == _TENSOR_DATA_LOCATION and value == _EXTERNAL
        graph.external |= located or number == _TENSOR_EXTERNAL_DATA


def _text(data: memoryview, wanted: int) -> str:
    return next((bytes(value).decode() for number, value in _messages(data) if number == wanted), "")


def _messages(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    for number, value in _parts(data):
        if isinstance(value, memoryview):
            yield number, value


def _parts(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        wire = key & 7
        if wire == _VARINT:
            value, position = _varint(data, position)
            yield key >> 3, value
            continue
        if wire == _LENGTH:
            size, position = _varint(data, position)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}.get(wire, len(data) + 1)
        if position + size > len(data):
            raise IndexError("the message ends inside a field")
        yield key >> 3, data[position : position + size]
        position += size


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
