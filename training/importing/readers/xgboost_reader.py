"""Reader of model files of XGBoost."""

import json
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.export.graphs.tree_ensemble import Node, branch, leaf
from training.importing.graphs.booster_graph import EXPONENTIAL, IDENTITY, SIGMOID, SOFTMAX, booster_graph
from training.importing.readers.foreign_model import ForeignModel

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
# Time and place in XGBoost's source, before its message.
_SOURCE = re.compile(r"\[[0-9:]+\] \S+: ")


def read_xgboost(path: Path) -> ForeignModel:
    """Reads a file that `save_model` wrote, as JSON or UBJSON.

    Raises:
        TrainingError: When it is truncated, or has trees that ONNX cannot express.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            booster = xgboost.Booster(model_file=path)
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise TrainingError(
            f"{path} cannot be read as a model of XGBoost: copy or save it again, with save_model. The "
            f"reason is {_SOURCE.sub('', reason_of(error))}"
        ) from error
    return booster_model(booster)


def booster_model(booster: Any) -> ForeignModel:
    """Converts a booster, up to the best iteration of early stopping."""
    learner = json.loads(booster.save_raw("json"))["learner"]
    best = learner.get("attributes", {}).get("best_iteration")
    if best is not None and int(best) + 1 < booster.num_boosted_rounds():
        booster = booster[: int(best) + 1]
        learner = json.loads(booster.save_raw("json"))["learner"]
    return xgboost_model(booster, learner)


def xgboost_model(booster: Any, learner: Mapping[str, Any]) -> ForeignModel:
    """Converts a booster; `learner` is that of its JSON."""
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
    trees = _trees(learner["gradient_booster"], answers)
    features = int(parameters["num_feature"])
    base = [_margin(function, number) for number in _numbers(parameters["base_score"])]
    graph = booster_graph(trees, features=features, function=function, base=base)
    if objective == "multi:softmax":
        booster.set_param({"objective": "multi:softprob"})

    def original(rows: Any) -> NDArray[Any]:
        matrix = xgboost.DMatrix(rows.to_numpy(dtype=np.float32), feature_names=booster.feature_names)
        found = np.asarray(booster.predict(matrix, validate_features=False), dtype=np.float64)
        table = found.reshape(len(rows), -1)
        return np.concatenate([1 - table, table], axis=1) if function == SIGMOID else table

    return ForeignModel(
        model=graph,
        origin=f"model file of XGBoost, objective {objective}",
        columns=tuple(learner.get("feature_names") or ()),
        original=original,
        libraries={"xgboost": xgboost.__version__},
    )


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
        if any(tree.get("split_type", ())) or int(tree["tree_param"].get("size_leaf_vector", 0)) > 1:
            raise TrainingError(
                "The XGBoost model has trees with categories or with several answers, which ONNX cannot "
                "express: encode categories in a scikit-learn pipeline, and train one model an answer."
            )
        trees[answer].append(_node(tree, 0, weights[number] if weights else 1.0))
    # An answer without trees has its base alone.
    return [own or [leaf(0.0)] for own in trees]


def _node(tree: Mapping[str, Any], at: int, weight: float) -> Node:
    if tree["left_children"][at] < 0:
        return leaf(tree["split_conditions"][at] * weight)
    # x < t exactly if x <= the next smaller float32.
    threshold = float(np.nextafter(np.float32(tree["split_conditions"][at]), np.float32(-np.inf)))
    return branch(
        tree["split_indices"][at],
        threshold,
        _node(tree, tree["left_children"][at], weight),
        _node(tree, tree["right_children"][at], weight),
        absent_is_low=bool(tree["default_left"][at]),
    )


def _numbers(text: str) -> Sequence[float]:
    """Returns the numbers of a base score such as 5E-1 or, since XGBoost 3, [5E-1]."""
    return [float(part) for part in text.strip("[]").split(",")]


def _margin(function: str, score: float) -> float:
    if function == SIGMOID:
        return math.log(score / (1 - score))
    return math.log(score) if function == EXPONENTIAL else score
