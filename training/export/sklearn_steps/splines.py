"""SplineTransformer as operators of ONNX: the B-splines of each feature as polynomials between its knots."""

from math import factorial
from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from sklearn.preprocessing import SplineTransformer

from training.errors import TrainingError
from training.export.graphs.graph_builder import GraphBuilder

_EXTRAPOLATIONS = ("constant", "linear", "continue", "periodic")


def register_spline_converter() -> None:
    """Registers the converter of SplineTransformer."""
    update_registered_converter(
        SplineTransformer, "TrainingSplineTransformer", _shapes, _convert, overwrite=True
    )


def _shapes(operator: Any) -> None:
    extrapolation = operator.raw_operator.extrapolation
    if extrapolation not in _EXTRAPOLATIONS:
        raise TrainingError(
            f"A SplineTransformer has extrapolation={extrapolation!r}, and a graph raises no errors: fit it "
            "with extrapolation='constant'."
        )
    width = int(operator.raw_operator.n_features_out_)
    operator.outputs[0].type = type(operator.inputs[0].type)([None, width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    transformer = operator.raw_operator
    graph = _SplineGraph(
        GraphBuilder(scope, container), operator.inputs[0].type._get_element_onnx_type(), transformer
    )
    names = [one.full_name for one in operator.inputs]
    table = names[0] if len(names) == 1 else graph.nodes.add("Concat", names, axis=1)
    columns = [
        graph.basis(graph.nodes.gather(table, [place]), spline)
        for place, spline in enumerate(transformer.bsplines_)
    ]
    graph.nodes.add("Concat", columns, output=operator.outputs[0].full_name, axis=1)


class _SplineGraph:
    """Nodes of one transformer.

    Args:
        nodes: Builder of the graph.
        kind: Type of its numbers.
        transformer: The fitted SplineTransformer.
    """

    def __init__(self, nodes: GraphBuilder, kind: int, transformer: Any) -> None:
        self.nodes, self._kind, self._transformer = nodes, kind, transformer

    def basis(self, value: str, spline: Any) -> str:
        """Adds the basis functions of a column, of shape (rows, 1), and returns their name."""
        found = self._of_numbers(value, spline)
        if getattr(self._transformer, "handle_missing", "") != "zeros":
            return found
        absent = self.nodes.add("IsNaN", [value])
        return self.nodes.add("Where", [absent, self._row([0.0]), found])

    def _of_numbers(self, value: str, spline: Any) -> str:
        degree = spline.k
        first, last = spline.t[degree], spline.t[-degree - 1]
        extrapolation = self._transformer.extrapolation
        inside = value
        if extrapolation == "periodic":
            inside = self._wrapped(value, first, last)
        elif extrapolation != "continue":
            least = self.nodes.add("Max", [value, self._row([first])])
            inside = self.nodes.add("Min", [least, self._row([last])])
        starts = spline.t[degree : len(spline.t) - degree - 1]
        orders = range(degree, -1, -1)
        coefficients = [self._of_outputs(spline(starts, nu=order)) / factorial(order) for order in orders]
        found = self._polynomials(inside, starts, coefficients)
        if extrapolation != "linear":
            return found
        slopes = [self._row(self._of_outputs(spline(end, nu=1))) for end in (first, last)]
        is_below = self.nodes.add("Less", [value, self._row([first])])
        slope = self.nodes.add("Where", [is_below, *slopes])
        beyond = self.nodes.add("Mul", [self.nodes.add("Sub", [value, inside]), slope])
        return self.nodes.add("Add", [found, beyond])

    def _polynomials(self, value: str, starts: Any, coefficients: Any) -> str:
        """Adds the polynomials of the interval of each value, by Horner's method."""
        piece = self.nodes.constant(TensorProto.INT64, [1], [0])
        if len(starts) > 1:
            above = self.nodes.add("GreaterOrEqual", [value, self._row(starts[1:])])
            counted = self.nodes.add("Cast", [above], to=TensorProto.INT64)
            axes = self.nodes.constant(TensorProto.INT64, [1], [1])
            piece = self.nodes.add("ReduceSum", [counted, axes], keepdims=0)
        start = self.nodes.add("Gather", [self._table(starts[:, None]), piece], axis=0)
        distance = self.nodes.add("Sub", [value, start])
        found = ""
        for table in coefficients:
            term = self.nodes.add("Gather", [self._table(table), piece], axis=0)
            if found:
                term = self.nodes.add("Add", [self.nodes.add("Mul", [found, distance]), term])
            found = term
        return found

    def _wrapped(self, value: str, first: float, last: float) -> str:
        """Adds the position of a value in the first period."""
        period = self._row([last - first])
        turns = self.nodes.add("Div", [self.nodes.add("Sub", [value, self._row([first])]), period])
        before = self.nodes.add("Mul", [self.nodes.add("Floor", [turns]), period])
        return self.nodes.add("Sub", [value, before])

    def _of_outputs(self, values: Any) -> Any:
        """Returns values whose last axis has the splines; without a bias, the last one is left out."""
        return values if self._transformer.include_bias else values[..., :-1]

    def _row(self, values: Any) -> str:
        return self._table(np.reshape(values, (1, -1)))

    def _table(self, values: Any) -> str:
        return self.nodes.constant(self._kind, list(values.shape), np.ravel(values).tolist())
