"""Nodes and constants of a graph of its own, for `GraphBuilder`."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


class NodeList:
    """Scope and container of a graph that no converter of skl2onnx writes.

    Attributes:
        nodes: The nodes, in order.
        constants: The constants.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._names: dict[str, int] = {}

    def get_unique_variable_name(self, name: str) -> str:
        """Returns a name that no tensor has yet."""
        self._names[name] = self._names.get(name, -1) + 1
        return f"{name}_{self._names[name]}"

    def get_unique_operator_name(self, name: str) -> str:
        """Returns a name that no node has yet."""
        return self.get_unique_variable_name(f"node_{name}")

    def add_node(
        self, kind: str, inputs: list[str], output: str, *, name: str, op_domain: str, **attributes: Any
    ) -> None:
        """Adds a node."""
        node = helper.make_node(kind, inputs, [output], name=name, domain=op_domain, **attributes)
        self.nodes.append(node)

    def add_initializer(self, name: str, kind: int, shape: list[int], values: Any) -> None:
        """Adds a constant of an ONNX data type."""
        numbers = np.array(values, dtype=helper.tensor_dtype_to_np_dtype(kind)).reshape(shape)
        self.constants.append(numpy_helper.from_array(numbers, name))
