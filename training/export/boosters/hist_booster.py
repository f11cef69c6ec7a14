"""HistGradientBoosting of scikit-learn with categories: its trees on the codes of its own encoder."""

import copy
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from training.export.boosters.booster_parts import IDENTITY, SIGMOID, SOFTMAX, BoosterParts
from training.export.graphs.tree_ensemble import Node, branch, category_branch, leaf

_BITS = 32


def hist_parts(model: Any) -> BoosterParts:
    """Reads a fitted HistGradientBoosting, whose features are those after its encoder.

    The exponential of a loss with a logarithm is undone by the caller, as after skl2onnx's converter.
    """
    answers = model.n_trees_per_iteration_
    trees = [[_node(step[answer], 0) for step in model._predictors] for answer in range(answers)]
    one = SIGMOID if answers == 1 else SOFTMAX
    return BoosterParts(
        trees=trees,
        features=model._n_features,
        function=one if is_classifier(model) else IDENTITY,
        base=np.ravel(model._baseline_prediction).tolist(),
    )


def has_own_encoder(model: Any) -> bool:
    """Whether a HistGradientBoosting encodes categories itself."""
    return getattr(model, "_preprocessor", None) is not None


def own_encoder(model: Any) -> Any:
    """Returns the encoder of a HistGradientBoosting as the step before its trees."""
    encoder = copy.copy(model._preprocessor)
    # The step of the numbers is a function that checks them.
    encoder.transformers_ = [
        (name, "passthrough" if name == "numerical" else step, columns)
        for name, step, columns in encoder.transformers_
    ]
    return encoder


def _node(predictor: Any, at: int) -> Node:
    node = predictor.nodes[at]
    if node["is_leaf"]:
        return leaf(float(node["value"]))
    left, right = (_node(predictor, int(node[child])) for child in ("left", "right"))
    feature, absent_is_left = int(node["feature_idx"]), bool(node["missing_go_to_left"])
    if not node["is_categorical"]:
        return branch(feature, float(node["num_threshold"]), left, right, absent_is_low=absent_is_left)
    bits = predictor.raw_left_cat_bitsets[node["bitset_idx"]].tolist()
    members = [code for code in range(_BITS * len(bits)) if bits[code // _BITS] >> code % _BITS & 1]
    return category_branch(feature, members, left, right, absent_is_inside=absent_is_left)
