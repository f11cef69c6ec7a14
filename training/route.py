"""Two codes as one category: origin and destination as a route."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import StringTensorType
from sklearn.base import BaseEstimator, TransformerMixin


class Route(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Appends a column that joins the codes of two others.

    Codes are joined without a separator, so they must all have one length, as airports' have.

    Args:
        origin: Position of the first code's column.
        destination: Position of the second code's column.
    """

    def __init__(self, *, origin: int, destination: int) -> None:
        self.origin = origin
        self.destination = destination

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803  # scikit-learn passes X by name
        """Learns nothing but how many columns there are."""
        del y
        self.n_features_in_ = np.asarray(X).shape[1]
        return self

    def transform(self, X: Any) -> NDArray[np.object_]:  # noqa: N803  # scikit-learn passes X by name
        """The columns of str objects, and the joined one after them."""
        codes = np.asarray(X, dtype=object)
        return np.column_stack([codes, codes[:, self.origin] + codes[:, self.destination]])


def set_route_shape(operator: Any) -> None:
    """Tells the converter what `Route` gives."""
    operator.outputs[0].type = StringTensorType([None, operator.raw_operator.n_features_in_ + 1])


def convert_route(scope: Any, operator: Any, container: Any) -> None:
    """Writes `Route` as ONNX operators; StringConcat is there since opset 20."""
    route, codes = operator.raw_operator, operator.inputs[0].full_name
    ends = []
    for position in (route.origin, route.destination):
        index, end = scope.get_unique_variable_name("position"), scope.get_unique_variable_name("end")
        container.add_initializer(index, TensorProto.INT64, [1], [position])
        container.add_node(
            "Gather", [codes, index], end, name=scope.get_unique_operator_name("Gather"), axis=1
        )
        ends.append(end)
    joined = scope.get_unique_variable_name("route")
    container.add_node("StringConcat", ends, joined, name=scope.get_unique_operator_name("StringConcat"))
    container.add_node(
        "Concat",
        [codes, joined],
        operator.outputs[0].full_name,
        name=scope.get_unique_operator_name("Concat"),
        axis=1,
    )
