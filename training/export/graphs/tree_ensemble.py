"""Attributes of an ONNX TreeEnsembleRegressor that decides every row as LightGBM's trees do.

Source: https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from lightgbm import Booster
from numpy.typing import NDArray
from onnx import numpy_helper

BRANCH_MODE, LEAF_MODE = "BRANCH_LEQ", "LEAF"
# Beginning of the names of nodes whose trees compare numbers as double.
DOUBLE_TREES = "double_trees"
FLOAT32_MAX = float(np.finfo(np.float32).max)

Node = dict[str, Any]


def tree_ensemble(trees: Sequence[Node], *, targets: int) -> dict[str, Any]:
    """Returns the attributes of a TreeEnsembleRegressor.

    Args:
        trees: Root nodes, made by `branch(...)` or `leaf(...)`; one with a "target" adds to the outputs from
            that position on, another one from the first on.
        targets: Number of outputs of a row; each is the sum of its leaves' values.
    """
    lists = _lists(trees)
    thresholds = round_down(np.array(lists.pop("nodes_values"), dtype=np.float64))
    return {**lists, "nodes_values": thresholds.tolist(), "n_targets": targets, "post_transform": "NONE"}


def tree_ensemble_in_double(trees: Sequence[Node], *, targets: int) -> dict[str, Any]:
    """Returns the attributes of a TreeEnsembleRegressor of double features; arguments as `tree_ensemble`."""
    lists = _lists(trees)
    del lists["nodes_hitrates"]
    exact = {
        f"{name}_as_tensor": numpy_helper.from_array(np.array(lists.pop(name), dtype=np.float64), name)
        for name in ("nodes_values", "target_weights")
    }
    return {**lists, **exact, "n_targets": targets, "post_transform": "NONE"}


def _lists(trees: Sequence[Node]) -> dict[str, list[Any]]:
    lists: dict[str, list[Any]] = defaultdict(list)
    for number, root in enumerate(trees):
        for node in _numbered(root):
            _append(lists, number, node, root.get("target", 0))
    return lists


def branch(feature: int, threshold: float, low: Node, high: Node, *, absent_is_low: bool) -> Node:
    """Returns a branch node: rows with `feature <= threshold` go to `low`, others to `high`."""
    return {"feature": feature, "threshold": threshold, "absent": absent_is_low, "low": low, "high": high}


def category_branch(
    feature: int, members: Iterable[int], inside: Node, outside: Node, *, absent_is_inside: bool
) -> Node:
    """Returns a branch node: rows whose category has one of the codes `members` go to `inside`.

    `tree_columns` replaces it by a branch, before a tree becomes attributes.
    """
    return {
        "feature": feature,
        "members": frozenset(members),
        "inside": inside,
        "outside": outside,
        "absent_is_inside": absent_is_inside,
    }


def leaf(*values: float) -> Node:
    """Returns a leaf node, which adds one value to each output."""
    return {"values": values}


def booster_trees(booster: Booster, positions: Sequence[int]) -> list[Node]:
    """Returns the root nodes of a booster's trees.

    Args:
        booster: A booster.
        positions: Column of each of its features in the graph's tensor.
    """
    return [_convert(tree["tree_structure"], positions) for tree in booster.dump_model()["tree_info"]]


def round_down(exact: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rounds float64 thresholds down to float32.

    LightGBM compares with float64 thresholds, ONNX with float32 ones. The nearest float32 may lie above, and
    a row of just that value takes the other branch. For a float32 x, x <= t exactly if x <= t rounded down.
    """
    # LightGBM's threshold between absent and present values is the greatest float64.
    with np.errstate(over="ignore"):
        nearest = exact.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > exact, below, nearest)


def _convert(node: Node, positions: Sequence[int]) -> Node:
    if "split_feature" not in node:
        return leaf(node["leaf_value"])
    low, high = (_convert(node[child], positions) for child in ("left_child", "right_child"))
    feature = positions[node["split_feature"]]
    if node["decision_type"] == "==":
        members = map(int, node["threshold"].split("||"))
        # An absent category is in no set, whatever its feature's training rows had.
        return category_branch(feature, members, low, high, absent_is_inside=False)
    # LightGBM reads an absent value as 0 unless the feature was absent in some training row.
    absent_is_low = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
    return branch(feature, node["threshold"], low, high, absent_is_low=absent_is_low)


def _numbered(root: Node) -> Iterator[Node]:
    """Yields the nodes breadth first, with their own number and the numbers of their branches."""
    queue = [{**root, "number": 0}]
    for number, node in enumerate(queue):
        if "values" not in node:
            first = len(queue)
            queue += [{**node["low"], "number": first}, {**node["high"], "number": first + 1}]
            node.update(yes=first, no=first + 1)
        yield {**node, "number": number}


def _append(lists: dict[str, list[Any]], tree: int, node: Node, first: int) -> None:
    values = node.get("values")
    row = {
        "treeids": tree,
        "nodeids": node["number"],
        "featureids": node.get("feature", 0),
        "modes": BRANCH_MODE if values is None else LEAF_MODE,
        "values": node.get("threshold", 0.0),
        "truenodeids": node.get("yes", 0),
        "falsenodeids": node.get("no", 0),
        "missing_value_tracks_true": int(node.get("absent", False)),
        "hitrates": 1.0,
    }
    for name, value in row.items():
        lists[f"nodes_{name}"].append(value)
    for target, weight in enumerate(values or (), start=first):
        lists["target_treeids"].append(tree)
        lists["target_nodeids"].append(node["number"])
        lists["target_ids"].append(target)
        lists["target_weights"].append(float(weight))
