"""ONNX operators, one after another."""

from typing import Any

from onnx import TensorProto

ML = "ai.onnx.ml"
_OF_ML = ("LabelEncoder", "TreeEnsembleRegressor")


class Operators:
    """Adds operators to a converter's graph, and names what they give.

    Args:
        scope: The converter's.
        container: The converter's.
    """

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope = scope
        self._container = container

    def add(self, kind: str, inputs: list[str], *, output: str = "", **attributes: Any) -> str:
        """One operator; the name of its output, which is made up unless given."""
        output = output or self._scope.get_unique_variable_name(kind.lower())
        self._container.add_node(
            kind,
            inputs,
            output,
            name=self._scope.get_unique_operator_name(kind),
            op_domain=ML if kind in _OF_ML else "",
            **attributes,
        )
        return output

    def constant(self, kind: int, shape: list[int], values: Any) -> str:
        """A tensor of the graph's own."""
        name: str = self._scope.get_unique_variable_name("constant")
        self._container.add_initializer(name, kind, shape, values)
        return name

    def gather(self, tensor: str, columns: list[int]) -> str:
        """Some columns of a tensor of two dimensions, in this order."""
        return self.add("Gather", [tensor, self.constant(TensorProto.INT64, [len(columns)], columns)], axis=1)
