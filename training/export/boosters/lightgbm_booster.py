"""Booster of LightGBM: its objective, trees and categories."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from training.errors import TrainingError
from training.export.boosters.booster_parts import (
    EXPONENTIAL,
    IDENTITY,
    SIGMOID,
    SIGNED_SQUARE,
    SOFTMAX,
    BoosterParts,
)
from training.export.graphs.tree_ensemble import booster_trees

_FUNCTIONS = {
    "binary": SIGMOID,
    "cross_entropy": SIGMOID,
    "multiclass": SOFTMAX,
    "multiclassova": SIGMOID,
    "poisson": EXPONENTIAL,
    "gamma": EXPONENTIAL,
    "tweedie": EXPONENTIAL,
    **dict.fromkeys(
        (
            "regression",
            "regression_l1",
            "huber",
            "fair",
            "quantile",
            "mape",
            "lambdarank",
            "rank_xendcg",
        ),
        IDENTITY,
    ),
}
_CATEGORICAL = re.compile(r"\[categorical_feature: ([0-9,]+)\]")


def lightgbm_parts(
    booster: Any, dumped: Mapping[str, Any], values: Mapping[int, Sequence[Any]] | None = None
) -> BoosterParts:
    """Reads a booster.

    Args:
        booster: The booster.
        dumped: Its `dump_model()`.
        values: Values of the categories of its features; None where a row has their codes.

    Raises:
        TrainingError: When its answer has no known meaning, or the graph cannot express its trees.
    """
    name, *options = str(dumped.get("objective", "")).split() or [""]
    if name not in _FUNCTIONS:
        raise TrainingError(
            f"The LightGBM model has the objective {name or 'of its own'!r}, so its answer is a score of "
            "unknown meaning: train it with a built-in objective, such as binary, multiclass or regression."
        )
    _refuse_linear_trees(dumped)
    answers = dumped["num_tree_per_iteration"]
    features = len(dumped["feature_names"])
    trees = booster_trees(booster, range(features))
    scale = next((float(option[8:]) for option in options if option.startswith("sigmoid:")), 1.0)
    if dumped.get("average_output"):
        scale /= len(trees) / answers
    return BoosterParts(
        trees=[trees[answer::answers] for answer in range(answers)],
        features=features,
        function=SIGNED_SQUARE if "sqrt" in options else _FUNCTIONS[name],
        scale=scale,
        values=values or {},
    )


def categorical_features(booster: Any, dumped: Mapping[str, Any]) -> tuple[int, ...]:
    """Returns the features whose splits are sets of categories, in order."""
    stated = _CATEGORICAL.search(booster.model_to_string(num_iteration=1))
    found = {int(number) for number in stated.group(1).split(",")} if stated else set()
    infos = dumped.get("feature_infos", {})
    named = enumerate(dumped["feature_names"])
    return tuple(sorted(found | {one for one, name in named if infos.get(name, {}).get("values")}))


def category_values(
    booster: Any, dumped: Mapping[str, Any], words: Sequence[bool] = ()
) -> dict[int, Sequence[Any]]:
    """Returns the values of the columns that were categories of pandas, by feature.

    The file has them in the order of these columns, and not which columns they are: the splits of an ordered
    category are those of a number.

    Args:
        booster: The booster.
        dumped: Its `dump_model()`.
        words: Whether each feature has words in rows; empty when that is not known.

    Raises:
        TrainingError: When the values may belong to several columns.
    """
    categorical = categorical_features(booster, dumped)
    lists = dumped.get("pandas_categorical") or []
    columns = [
        _Column(feature in categorical, dumped["feature_infos"].get(name), words[feature] if words else None)
        for feature, name in enumerate(dumped["feature_names"])
    ]
    # Columns of sets are mostly categories of pandas, and seldom codes beside them.
    likely = _assignments(lists, columns, every=True) or _assignments(lists, columns, every=False)
    if lists and len(likely) != 1:
        raise TrainingError(
            "The LightGBM model does not say to which of its columns the categories of its training's data "
            "frame belong: give rows as its training had them, or train it with categories without order."
        )
    return dict(zip(likely[0], lists, strict=True)) if likely else {}


class _Column:
    """One feature, by its file and by the rows."""

    def __init__(self, is_categorical: bool, info: Mapping[str, Any] | None, has_words: bool | None) -> None:
        self.is_categorical, self._info, self._has_words = is_categorical, info, has_words

    def may_have(self, values: Sequence[Any]) -> bool:
        """Whether the feature may be a category with these values."""
        if self._has_words is False and not all(map(_looks_like_number, values)):
            return False
        largest = (self._info or {}).get("max_value", 0)
        return self.is_categorical or (float(largest).is_integer() and 0 <= largest < len(values))


def _looks_like_number(value: Any) -> bool:
    """Whether a column with this value may be read as numbers, or as true and false."""
    return not isinstance(value, str) or value in ("True", "False") or _is_float(value)


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _assignments(
    lists: Sequence[Sequence[Any]], columns: Sequence[_Column], *, every: bool
) -> list[tuple[int, ...]]:
    """Returns at most two ways to assign lists of values to increasing features.

    Args:
        lists: The lists, in order.
        columns: The features.
        every: Whether each feature that is split by sets has a list.
    """
    # Ways of the last lists in the last columns, by the number of these lists.
    ways: list[list[tuple[int, ...]]] = [[()], *([] for _ in lists)]
    for feature, column in reversed([*enumerate(columns)]):
        taken = [
            [(feature, *rest) for rest in ways[count - 1]]
            if count and column.may_have(lists[len(lists) - count])
            else []
            for count in range(len(ways))
        ]
        may_skip = not (every and column.is_categorical)
        ways = [[*one, *(other if may_skip else [])][:2] for one, other in zip(taken, ways, strict=True)]
    return ways[-1]


def _refuse_linear_trees(dumped: Mapping[str, Any]) -> None:
    waiting = [tree["tree_structure"] for tree in dumped["tree_info"]]
    while waiting:
        node = waiting.pop()
        if node.get("leaf_coeff"):
            raise TrainingError(
                "The LightGBM model has linear trees, which ONNX cannot express: train it with "
                "linear_tree=false."
            )
        waiting += [node[child] for child in ("left_child", "right_child") if child in node]
