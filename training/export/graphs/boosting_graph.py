"""ONNX operators of a fitted `Boosting` estimator."""

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

from training.export.graphs.graph_builder import GraphBuilder
from training.export.graphs.tree_ensemble import FLOAT32_MAX, Node, booster_trees, branch, leaf, tree_ensemble

if TYPE_CHECKING:
    from training.fitting.boosting import Boosting


def set_boosting_shapes(operator: Any) -> None:
    """Declares the outputs of `Boosting` to skl2onnx: labels, shape (n,), and probabilities, (n, 2)."""
    operator.outputs[0].type = Int64TensorType([None])
    operator.outputs[1].type = FloatTensorType([None, 2])


def convert_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Writes the trees and the calibration of a fitted `Boosting` to skl2onnx's graph.

    The calibration is linear in the log-odds, with an intercept and a slope for each mask of known columns.
    The slopes are a tree ensemble of their own with the outputs -slope and +slope; their products with the
    log-odds are the log-odds of both labels, the sigmoids of these the probabilities. The intercepts,
    divided by the slopes, are one more tree of the log-odds.
    """
    model: Boosting = operator.raw_operator
    graph = GraphBuilder(scope, container)
    features = operator.inputs[0].full_name
    shift = tree_by_mask(model, [leaf(a / b) for a, b in zip(model.intercepts_, model.slopes_, strict=True)])
    slope = tree_by_mask(model, [leaf(-b, b) for b in model.slopes_])
    trees = [*booster_trees(model.booster_, model.positions_), shift]
    log_odds = graph.add("TreeEnsembleRegressor", [features], **tree_ensemble(trees, targets=1))
    slopes = graph.add("TreeEnsembleRegressor", [features], **tree_ensemble([slope], targets=2))
    both = graph.add("Mul", [log_odds, slopes])
    graph.add("Sigmoid", [both], output=operator.outputs[1].full_name)
    zero = graph.constant(TensorProto.INT64, [1], np.zeros(1, dtype=np.int64))
    graph.add("Identity", [zero], output=operator.outputs[0].full_name)


def tree_by_mask(model: Any, leaves: list[Node]) -> Node:
    """Returns a tree that leads each row to the leaf of its mask; its root tests the last group.

    Args:
        model: A fitted estimator with the columns of its groups as `later`, and their `positions_`.
        leaves: One for each mask.
    """
    nodes = leaves
    for columns in model.later:
        position = model.positions_[columns[0]]
        # Every known value is at most FLOAT32_MAX; an absent value takes the other branch.
        nodes = [
            branch(position, FLOAT32_MAX, known, unknown, absent_is_low=False)
            for known, unknown in zip(nodes[::2], nodes[1::2], strict=True)
        ]
    return nodes[0]
