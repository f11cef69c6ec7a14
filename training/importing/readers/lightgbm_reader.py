"""Reader of model files of LightGBM."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.export.graphs.tree_ensemble import booster_trees
from training.importing.graphs.booster_graph import (
    EXPONENTIAL,
    IDENTITY,
    SIGMOID,
    SIGNED_SQUARE,
    SOFTMAX,
    booster_graph,
)
from training.importing.readers.foreign_model import ForeignModel

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
# A copy by way of Windows may have its line ends.
MODEL_STARTS, _END = (b"tree\nversion=", b"tree\r\nversion="), b"end of trees"


def read_lightgbm(path: Path) -> ForeignModel:
    """Reads a file that `Booster.save_model` wrote.

    Raises:
        TrainingError: When it is truncated, or has trees that ONNX cannot express.
    """
    # LightGBM ends the process when a file ends inside a tree.
    content = path.read_bytes()
    if _END not in content:
        raise TrainingError(f"{path} is a truncated model of LightGBM: copy or save it again.")
    try:
        booster = lightgbm.Booster(model_str=content.replace(b"\r\n", b"\n").decode())
        dumped = booster.dump_model()
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise TrainingError(
            f"{path} cannot be read as a model of LightGBM: copy or save it again. The reason is "
            f"{reason_of(error)}"
        ) from error
    return lightgbm_model(booster, dumped)


def lightgbm_model(booster: Any, dumped: Mapping[str, Any]) -> ForeignModel:
    """Converts a booster; `dumped` is its `dump_model()`."""
    name, *options = str(dumped.get("objective", "")).split() or [""]
    if name not in _FUNCTIONS:
        raise TrainingError(
            f"The LightGBM model has the objective {name or 'of its own'!r}, so its answer is a score of "
            "unknown meaning: train it with a built-in objective, such as binary, multiclass or regression."
        )
    _check_trees(dumped)
    answers = dumped["num_tree_per_iteration"]
    features = len(dumped["feature_names"])
    trees = booster_trees(booster, range(features))
    scale = next((float(option[8:]) for option in options if option.startswith("sigmoid:")), 1.0)
    if dumped.get("average_output"):
        scale /= len(trees) / answers
    function = SIGNED_SQUARE if "sqrt" in options else _FUNCTIONS[name]
    graph = booster_graph(
        [trees[answer::answers] for answer in range(answers)],
        features=features,
        function=function,
        scale=scale,
    )
    names = tuple(dumped["feature_names"])
    is_numbered = names == tuple(f"Column_{number}" for number in range(features))

    def original(rows: Any) -> NDArray[Any]:
        # An array, because LightGBM writes other names into its files than the data frame had.
        found = np.asarray(booster.predict(rows.to_numpy(dtype=np.float64)))
        table = found.reshape(len(rows), -1)
        return np.concatenate([1 - table, table], axis=1) if name in ("binary", "cross_entropy") else table

    return ForeignModel(
        model=graph,
        origin=f"model file of LightGBM, objective {name}",
        columns=() if is_numbered else names,
        original=original,
        libraries={"lightgbm": lightgbm.__version__},
        cure="Train it with zero_as_missing=false, or export it to ONNX with onnxmltools",
    )


def _check_trees(dumped: Mapping[str, Any]) -> None:
    for tree in dumped["tree_info"]:
        for node in _nodes(tree["tree_structure"]):
            if node.get("decision_type") == "==":
                feature = dumped["feature_names"][node["split_feature"]]
                raise TrainingError(
                    f"The LightGBM model splits the categories of {feature!r}, whose codes are not those of "
                    "a request: encode categories with OneHotEncoder or OrdinalEncoder in a scikit-learn "
                    "pipeline, and import the pipeline."
                )
            if node.get("leaf_coeff"):
                raise TrainingError(
                    "The LightGBM model has linear trees, which ONNX cannot express: train it with "
                    "linear_tree=false."
                )


def _nodes(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [node[child] for child in ("left_child", "right_child") if child in node]
