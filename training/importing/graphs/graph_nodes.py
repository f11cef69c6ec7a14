"""Nodes of an ONNX graph: those inside others, the one that makes a value, those that lead to some values."""

from collections.abc import Iterator, Sequence

import onnx


def all_nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yields the nodes of a graph and of the graphs inside them."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from all_nodes(inner)


def producer(graph: onnx.GraphProto, output: str) -> onnx.NodeProto | None:
    """Returns the node that makes a value."""
    return next((node for node in graph.node if output in node.output), None)


def needed_nodes(graph: onnx.GraphProto, wanted: Sequence[str]) -> list[onnx.NodeProto]:
    """Returns the nodes, in order, that lead to some values."""
    values, kept = {*wanted}, []
    for node in reversed(graph.node):
        if values.intersection(node.output):
            kept.append(node)
            values.update(values_of(node))
    return kept[::-1]


def values_of(node: onnx.NodeProto) -> Iterator[str]:
    """Yields the inputs of a node, and the values that the graphs inside it may take from outside."""
    yield from node.input
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs):
            yield from (value.name for value in inner.output)
            for one in inner.node:
                yield from values_of(one)
