"""Booster of XGBoost: its objective, trees and categories."""

import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from training.errors import TrainingError
from training.export.boosters.booster_parts import EXPONENTIAL, IDENTITY, SIGMOID, SOFTMAX, BoosterParts
from training.export.boosters.tree_columns import tree_columns
from training.export.graphs.tree_ensemble import Node, branch, category_branch, leaf

_FUNCTIONS = {
    "binary:logistic": SIGMOID,
    "reg:logistic": SIGMOID,
    "multi:softprob": SOFTMAX,
    "multi:softmax": SOFTMAX,
    "count:poisson": EXPONENTIAL,
    "reg:gamma": EXPONENTIAL,
    "reg:tweedie": EXPONENTIAL,
    "reg:squarederror": IDENTITY,
    "reg:linear": IDENTITY,
    "reg:absoluteerror": IDENTITY,
    "reg:pseudohubererror": IDENTITY,
    "reg:squaredlogerror": IDENTITY,
    "reg:quantileerror": IDENTITY,
    **dict.fromkeys(("rank:pairwise", "rank:ndcg", "rank:map"), IDENTITY),
}


def best_learner(booster: Any) -> dict[str, Any]:
    """Returns the learner of a booster's JSON, without the trees after early stopping's best round."""
    learner: dict[str, Any] = json.loads(booster.save_raw("json"))["learner"]
    rounds = best_rounds(learner)
    found = learner["gradient_booster"]
    model = found.get("gbtree", found).get("model")
    if rounds and model:
        kept = model["iteration_indptr"][rounds]
        model.update(trees=model["trees"][:kept], tree_info=model["tree_info"][:kept])
    return learner


def best_rounds(learner: Mapping[str, Any]) -> int:
    """Returns the rounds up to the best iteration of early stopping; 0 for all."""
    best = learner.get("attributes", {}).get("best_iteration")
    return 0 if best is None else int(best) + 1


def xgboost_parts(learner: Mapping[str, Any]) -> BoosterParts:
    """Reads a booster; `learner` is that of its JSON.

    Raises:
        TrainingError: When its answer has no known meaning, or the graph cannot express its trees.
    """
    objective = learner["objective"]["name"]
    function = _FUNCTIONS.get(objective)
    if function is None:
        raise TrainingError(
            f"The XGBoost model has the objective {objective}, whose answer is no probability and no value: "
            "train it with binary:logistic, multi:softprob or an objective of reg:."
        )
    parameters = learner["learner_model_param"]
    answers = max(1, int(parameters["num_class"]))
    if int(parameters.get("num_target", 1)) > 1:
        raise TrainingError(
            f"The XGBoost model predicts {parameters['num_target']} values a row, and an answer has one: "
            "train one model for each."
        )
    return BoosterParts(
        trees=_trees(learner["gradient_booster"], answers),
        features=int(parameters["num_feature"]),
        function=function,
        base=[_margin(function, number) for number in _numbers(parameters["base_score"])],
        values=_category_values(learner),
        is_closed=True,
    )


def coded_features(learner: Mapping[str, Any]) -> tuple[int, ...]:
    """Returns the features that are categories, in order."""
    kinds = learner.get("feature_types") or ()
    return tuple(feature for feature, kind in enumerate(kinds) if kind == "c")


def largest_code(parts: BoosterParts, feature: int) -> int:
    """Returns the largest code of a feature in a split; -1 when no split has one."""
    tables = tree_columns(parts.trees, parts.numbers, keys=parts.keys).tables
    sets = [members for table in tables if table.feature == feature for members in table.sets]
    return max(frozenset().union(*sets), default=-1)


def _category_values(learner: Mapping[str, Any]) -> dict[int, Sequence[Any]]:
    """Returns the values of categories by feature, which XGBoost writes since version 3.1."""
    booster = learner["gradient_booster"]
    model = booster.get("gbtree", booster).get("model", {})
    found: dict[int, Sequence[Any]] = {}
    for feature, one in enumerate(model.get("cats", {}).get("enc", ())):
        if "offsets" not in one:
            found[feature] = [*map(int, one["values"])]
        elif len(one["offsets"]) > 1:
            found[feature] = _texts(one["offsets"], bytes(value % 256 for value in one["values"]))
    return found


def _texts(offsets: Sequence[int], content: bytes) -> Sequence[str]:
    return [content[start:end].decode(errors="replace") for start, end in pairwise(offsets)]


def _trees(found: Mapping[str, Any], answers: int) -> list[list[Node]]:
    """Returns the root nodes of the trees of each answer."""
    kind = found["name"]
    if kind not in ("gbtree", "dart"):
        raise TrainingError(
            f"The XGBoost model has the booster {kind}, which has no trees: train it with gbtree, or import "
            "a linear model of scikit-learn."
        )
    weights = found.get("weight_drop")
    model = found["gbtree"]["model"] if kind == "dart" else found["model"]
    trees: list[list[Node]] = [[] for _ in range(answers)]
    for number, (tree, answer) in enumerate(zip(model["trees"], model["tree_info"], strict=True)):
        if int(tree["tree_param"].get("size_leaf_vector", 0)) > 1:
            raise TrainingError(
                "The XGBoost model has trees with several answers, which ONNX cannot express: train one "
                "model an answer."
            )
        trees[answer].append(_node(tree, 0, weights[number] if weights else 1.0, _members(tree)))
    # An answer without trees has its base alone.
    return [own or [leaf(0.0)] for own in trees]


def _members(tree: Mapping[str, Any]) -> dict[int, Sequence[int]]:
    """Returns the codes of each node that splits categories."""
    places = zip(
        tree.get("categories_nodes", ()),
        tree.get("categories_segments", ()),
        tree.get("categories_sizes", ()),
        strict=True,
    )
    return {node: tree["categories"][start : start + size] for node, start, size in places}


def _node(tree: Mapping[str, Any], at: int, weight: float, members: Mapping[int, Sequence[int]]) -> Node:
    if tree["left_children"][at] < 0:
        return leaf(tree["split_conditions"][at] * weight)
    low, high = (
        _node(tree, tree[child][at], weight, members) for child in ("left_children", "right_children")
    )
    feature, absent_is_low = tree["split_indices"][at], bool(tree["default_left"][at])
    if at in members:
        return category_branch(feature, members[at], high, low, absent_is_inside=not absent_is_low)
    # x < t exactly if x <= the next smaller float32.
    threshold = float(np.nextafter(np.float32(tree["split_conditions"][at]), np.float32(-np.inf)))
    return branch(feature, threshold, low, high, absent_is_low=absent_is_low)


def _numbers(text: str) -> Sequence[float]:
    """Returns the numbers of a base score such as 5E-1 or, since XGBoost 3, [5E-1]."""
    return [float(part) for part in text.strip("[]").split(",")]


def _margin(function: str, score: float) -> float:
    if function == SIGMOID:
        return math.log(score / (1 - score))
    return math.log(score) if function == EXPONENTIAL else score
