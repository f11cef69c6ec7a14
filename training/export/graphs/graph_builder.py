"""Builder of ONNX nodes within a custom converter of skl2onnx."""

from typing import Any

from onnx import TensorProto

_ML_DOMAIN = "ai.onnx.ml"
_ML_OPERATORS = ("LabelEncoder", "TreeEnsembleRegressor")


class GraphBuilder:
    """Adds nodes and constants to the graph of a custom converter, each under a unique name.

    Source: https://onnx.ai/sklearn-onnx/api_summary.html (scope and container of a converter)

    Args:
        scope: skl2onnx's scope, which makes names unique.
        container: skl2onnx's container of the nodes.
    """

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope = scope
        self._container = container

    def add(
        self, kind: str, inputs: list[str], *, output: str = "", name: str = "", **attributes: Any
    ) -> str:
        """Adds a node and returns the name of its output, which is generated unless given.

        The node's own name begins with `name`, or with its kind.
        """
        output = output or self._scope.get_unique_variable_name(kind.lower())
        self._container.add_node(
            kind,
            inputs,
            output,
            name=self._scope.get_unique_operator_name(name or kind),
            op_domain=_ML_DOMAIN if kind in _ML_OPERATORS else "",
            **attributes,
        )
        return output

    def constant(self, kind: int, shape: list[int], values: Any) -> str:
        """Adds a constant tensor of an ONNX data type and returns its name."""
        name: str = self._scope.get_unique_variable_name("constant")
        self._container.add_initializer(name, kind, shape, values)
        return name

    def gather(self, tensor: str, columns: list[int]) -> str:
        """Adds a selection of columns of a tensor of two dimensions and returns its name."""
        return self.add("Gather", [tensor, self.constant(TensorProto.INT64, [len(columns)], columns)], axis=1)
