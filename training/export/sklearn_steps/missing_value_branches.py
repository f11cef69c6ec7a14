"""Branches that missing values take in scikit-learn's trees, which skl2onnx leaves out."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common._registration import get_converter, get_shape_calculator
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from training.export.sklearn_steps.fitted_steps import fitted_steps

_KINDS = (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
_DIRECTIONS = "nodes_missing_value_tracks_true"
# Above each value of a row; skl2onnx searches without end for the number before infinity.
_ABOVE_ALL = 1e38


def register_tree_converters() -> None:
    """Registers the converters of trees and forests with the branch of absent values."""
    for kind in _KINDS:
        name = f"Sklearn{kind.__name__}"
        found = get_converter(name)
        if not isinstance(found._fct, _Directed):
            shapes, options = get_shape_calculator(name), found.get_allowed_options()
            update_registered_converter(
                kind, name, shapes, _Directed(found._fct), overwrite=True, options=options
            )


def with_finite_thresholds(model: Any) -> Any:
    """Replaces infinite thresholds in the trees of a model, which divide absent values from all others."""
    for tree in _trees(model):
        thresholds = tree.threshold
        infinite = np.isinf(thresholds)
        thresholds[infinite] = np.copysign(_ABOVE_ALL, thresholds[infinite])
    return model


class _Directed:
    """A converter whose trees lead absent values as scikit-learn does."""

    def __init__(self, convert: Callable[..., None]) -> None:
        self._convert = convert

    def __call__(self, scope: Any, operator: Any, container: Any) -> None:
        own = [*_trees(operator.raw_operator)]
        self._convert(scope, operator, _DirectedNodes(container, own))


class _DirectedNodes:
    """A container whose tree ensembles get the branch of absent values.

    Args:
        container: The container of the graph.
        trees: Trees of scikit-learn, in the order of their numbers in the ensemble.
    """

    def __init__(self, container: Any, trees: list[Any]) -> None:
        self._container, self._trees = container, trees

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def add_node(self, *arguments: Any, **attributes: Any) -> Any:
        """Adds a node."""
        if _DIRECTIONS in attributes:
            places = zip(attributes["nodes_treeids"], attributes["nodes_nodeids"], strict=True)
            attributes[_DIRECTIONS] = [
                int(self._trees[tree].missing_go_to_left[node]) for tree, node in places
            ]
        return self._container.add_node(*arguments, **attributes)


def _trees(model: Any) -> Iterator[Any]:
    """Yields the fitted trees in a model, in the order of its estimators."""
    return (step.tree_ for step in fitted_steps(model) if hasattr(step, "tree_"))
