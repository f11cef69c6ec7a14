"""ONNX operators of a fitted `QuantileBoosting` estimator."""

from typing import TYPE_CHECKING, Any

from skl2onnx.common.data_types import FloatTensorType

from training.export.graphs.boosting_graph import tree_by_mask
from training.export.graphs.graph_builder import GraphBuilder
from training.export.graphs.tree_ensemble import booster_trees, leaf, tree_ensemble

if TYPE_CHECKING:
    from training.quantiles.quantile_boosting import QuantileBoosting


def set_quantiles_shape(operator: Any) -> None:
    """Declares the output of `QuantileBoosting` to skl2onnx: float32, shape (n, 3)."""
    operator.outputs[0].type = FloatTensorType([None, 3])


def convert_quantile_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Writes the trees, the correction and the sorting of a `QuantileBoosting` to skl2onnx's graph.

    The correction is one more tree, with a leaf for each mask of known columns.
    """
    model: QuantileBoosting = operator.raw_operator
    graph = GraphBuilder(scope, container)
    trees = [tree_by_mask(model, [leaf(-width, 0.0, width) for width in model.widths_])]
    for target, booster in enumerate(model.boosters_):
        trees += [{**root, "target": target} for root in booster_trees(booster, model.positions_)]
    features = operator.inputs[0].full_name
    raw = graph.add("TreeEnsembleRegressor", [features], **tree_ensemble(trees, targets=3))
    first, second, third = (graph.gather(raw, [column]) for column in range(3))
    smaller, larger = graph.add("Min", [first, second]), graph.add("Max", [first, second])
    median = graph.add("Max", [smaller, graph.add("Min", [larger, third])])
    ends = [graph.add("Min", [smaller, third]), graph.add("Max", [larger, third])]
    graph.add("Concat", [ends[0], median, ends[1]], output=operator.outputs[0].full_name, axis=1)
