"""Order of rows in which most trees take the branches that they took for the row before."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import numpy_helper

from bundle import NUMBERS, Columns, Field
from scoring.fields.record_reader import ReadRecords
from scoring.graph_runs.row_deduplication import TREES

# Digits of a key and values of each: keys of 16 bits are sorted by their digits, not by comparisons.
_COLUMNS, _LEVELS = 4, 16


class RowOrder:
    """Sorts rows by the numbers that trees compare, so that the processor predicts their branches.

    Args:
        model: A graph of trees.
        fields: Fields of the model.
    """

    def __init__(self, model: bytes, fields: Sequence[Field]) -> None:
        places = [
            (field.name, column)
            for field in fields
            if not field.ignored
            for column in range(len(Columns([field]).numbers))
        ]
        self._digits = [_Digit(*places[column], edges) for column, edges in compared_numbers(model).items()]

    def of(self, read: ReadRecords, rows: Any) -> Any:
        """Returns the positions among some rows in the order in which they are best run.

        Args:
            read: Read rows.
            rows: Positions of the rows.
        """
        key = np.zeros(len(rows), np.uint16)
        given = [digit for digit in self._digits if digit.field in read.values]
        for name, column, edges in given[:_COLUMNS]:
            values = read.values[name]
            digits = np.searchsorted(edges, values.tensor[:, column]).astype(np.uint16)
            key *= np.uint16(_LEVELS)
            key += digits.take(rows if values.codes is None else values.codes.take(rows))
        return np.argsort(key, kind="stable")


class _Digit(NamedTuple):
    """A column of a field's tensor, and the values between its levels."""

    field: str
    column: int
    edges: Any


def compared_numbers(model: bytes) -> dict[int, Any]:
    """Returns the columns of `numbers` that a graph of trees compares, those of most branches first.

    Columns that other operators select come first, because several encoded columns follow from them.

    Returns:
        By column at most 15 of its thresholds in ascending order, with as many nodes between each two.
    """
    graph = onnx.load_from_string(model).graph
    widths = {one.name: one.type.tensor_type.shape.dim[1].dim_value for one in graph.input}
    constants = {one.name: one for one in graph.initializer}
    found: dict[int, list[float]] = defaultdict(list)
    for column, threshold in _comparisons(graph, widths.get(NUMBERS, 0)):
        found[column].append(threshold)
    selected = {
        column
        for node in graph.node
        if node.op_type == "Gather" and node.input[0] == NUMBERS and node.input[1] in constants
        for column in numpy_helper.to_array(constants[node.input[1]]).ravel().tolist()
    }
    order = sorted(found, key=lambda column: (column not in selected, -len(found[column]), column))
    return {column: _edges(np.array(found[column], np.float32)) for column in order}


def _edges(thresholds: Any) -> Any:
    distinct = np.unique(thresholds)
    if len(distinct) < _LEVELS:
        return distinct
    return np.unique(np.quantile(thresholds, np.linspace(0, 1, _LEVELS + 1)[1:-1], method="lower"))


def _comparisons(graph: Any, width: int) -> Iterator[tuple[int, float]]:
    """Yields column and threshold of each node that compares a column of `numbers`."""
    begins = {NUMBERS} | {
        node.output[0] for node in graph.node if node.op_type == "Concat" and node.input[0] == NUMBERS
    }
    for node in graph.node:
        if node.op_type != TREES or node.input[0] not in begins:
            continue
        attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        columns, thresholds = attributes["nodes_featureids"], attributes["nodes_values"]
        for mode, column, threshold in zip(attributes["nodes_modes"], columns, thresholds, strict=True):
            if mode != b"LEAF" and column < width:
                yield column, threshold
