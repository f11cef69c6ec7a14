"""LightGBM's trees as the attributes of an ONNX tree ensemble that decides as LightGBM does."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from lightgbm import Booster
from numpy.typing import NDArray

LEQ, LEAF = "BRANCH_LEQ", "LEAF"
FLOAT32_MAX = float(np.finfo(np.float32).max)

Node = dict[str, Any]


def ensemble(trees: Sequence[Node], *, targets: int) -> dict[str, Any]:
    """The attributes of a TreeEnsembleRegressor.

    Args:
        trees: Roots; a node is `branch(...)` or `leaf(...)`.
        targets: How many values it gives a row: the sums of the leaves'.
    """
    lists: dict[str, list[Any]] = defaultdict(list)
    for number, root in enumerate(trees):
        for node in _numbered(root):
            _append(lists, number, node)
    thresholds = round_down(np.array(lists.pop("nodes_values"), dtype=np.float64))
    return {**lists, "nodes_values": thresholds.tolist(), "n_targets": targets, "post_transform": "NONE"}


def branch(feature: int, threshold: float, low: Node, high: Node, *, absent_is_low: bool) -> Node:
    """A fork: rows at most at the threshold go low."""
    return {"feature": feature, "threshold": threshold, "absent": absent_is_low, "low": low, "high": high}


def leaf(*values: float) -> Node:
    """An end: what it adds to each target."""
    return {"values": values}


def grown(booster: Booster, positions: Sequence[int]) -> list[Node]:
    """A booster's trees.

    Args:
        booster: Its features are numbers.
        positions: Where in the graph's tensor each of its features stands.
    """
    return [_convert(tree["tree_structure"], positions) for tree in booster.dump_model()["tree_info"]]


def round_down(exact: NDArray[np.float64]) -> NDArray[np.float32]:
    """The greatest float32 values that are not above the float64 ones.

    LightGBM compares with float64 thresholds, ONNX with float32 ones. The nearest float32 may lie above, and
    a row of just that value takes the other branch. For a float32 x, x <= t exactly if x <= t rounded down.
    """
    # A split of absent from present has the greatest float64 for its threshold.
    with np.errstate(over="ignore"):
        nearest = exact.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > exact, below, nearest)


def _convert(node: Node, positions: Sequence[int]) -> Node:
    if "split_feature" not in node:
        return leaf(node["leaf_value"])
    low, high = (_convert(node[child], positions) for child in ("left_child", "right_child"))
    # Where no row learned from was without it, LightGBM takes the absent for 0.
    absent_is_low = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
    feature = positions[node["split_feature"]]
    return branch(feature, node["threshold"], low, high, absent_is_low=absent_is_low)


def _numbered(root: Node) -> Iterator[Node]:
    """The nodes, each knowing its own number and those of its branches, in the order of numbers."""
    waiting = [{**root, "number": 0}]
    for count, node in enumerate(waiting):
        if "values" not in node:
            first = len(waiting)
            waiting += [{**node["low"], "number": first}, {**node["high"], "number": first + 1}]
            node.update(yes=first, no=first + 1)
        yield {**node, "number": count}


def _append(lists: dict[str, list[Any]], tree: int, node: Node) -> None:
    values = node.get("values")
    row = {
        "treeids": tree,
        "nodeids": node["number"],
        "featureids": node.get("feature", 0),
        "modes": LEQ if values is None else LEAF,
        "values": node.get("threshold", 0.0),
        "truenodeids": node.get("yes", 0),
        "falsenodeids": node.get("no", 0),
        "missing_value_tracks_true": int(node.get("absent", False)),
        "hitrates": 1.0,
    }
    for name, value in row.items():
        lists[f"nodes_{name}"].append(value)
    for target, weight in enumerate(values or ()):
        lists["target_treeids"].append(tree)
        lists["target_nodeids"].append(node["number"])
        lists["target_ids"].append(target)
        lists["target_weights"].append(float(weight))
