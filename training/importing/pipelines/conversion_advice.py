"""Advice on conversions: the precision that one needs, and the remedies after one that failed."""

import re
from collections.abc import Sequence
from typing import Any

from sklearn import __version__ as sklearn_version

from training.errors import TrainingError
from training.export.sklearn_steps.fitted_steps import fitted_steps
from training.importing.readers.foreign_model import Original
from training.importing.sample import Sample

# Steps that compute a number, which float32 rounds.
_COMPUTING = re.compile("Scaler$|PCA$|SVD$|PolynomialFeatures$|(Power|Quantile|Spline|Function)Transformer$")
_TREES = re.compile("Tree|Forest|Boosting|XGB|LGBM|Bagging|AdaBoost")
# Models of differences, of which float32 keeps little between large numbers.
_DIFFERENCES = re.compile("^KNeighbors")


def needs_double(model: Any) -> bool:
    """Tells whether the graph of a model must compute in double: float32 may change unseen predictions."""
    kinds = [type(step).__name__ for step in fitted_steps(model)]
    periodic = any(getattr(step, "extrapolation", "") == "periodic" for step in fitted_steps(model))

    def has(kind: re.Pattern[str]) -> bool:
        return any(map(kind.search, kinds))

    return (has(_COMPUTING) and has(_TREES)) or has(_DIFFERENCES) or periodic


def advice_on_difference(model: Any) -> str:
    """Returns what to do about a graph that predicts otherwise than its model."""
    kinds = {type(part).__name__ for part in (model, *model.get_params(deep=True).values())}
    losses = {getattr(part, "loss", "") for part in (model, *model.get_params(deep=True).values())}
    if "HistGradientBoostingRegressor" in kinds and losses & {"poisson", "gamma"}:
        return (
            "skl2onnx leaves out the exponential of this loss of HistGradientBoostingRegressor: train it "
            "with loss='squared_error', or with LightGBM or XGBoost and its objective poisson or gamma"
        )
    neighbours = [step for step in fitted_steps(model) if "KNeighbors" in type(step).__name__]
    if any(step.weights == "distance" for step in neighbours):
        return "The graph has no weights of neighbours by distance: fit it with weights='uniform'"
    finals = [type(getattr(step, "final_estimator_", None)).__name__ for step in fitted_steps(model)]
    if any(map(_TREES.search, finals)):
        return (
            "The trees that stack probabilities take the other branch where these are rounded to float32: "
            "give the stack final_estimator=LogisticRegression() (RidgeCV() in a regression)"
        )
    computing = sorted(kind for kind in kinds if _COMPUTING.search(kind))
    if computing and any(_TREES.search(kind) for kind in kinds):
        return (
            f"Leave out {computing[0]}, or take a linear model after it: the graph computes in float32, and "
            "a row at the threshold of a tree takes the other branch"
        )
    return "A step has no exact conversion to ONNX: use another one, or import a graph that you exported"


def strange_words(sample: Sample, names: Sequence[str], words: Sequence[str]) -> str:
    """Returns a sentence on the first column of words that no encoder takes; "" without one."""
    for name in names:
        if sample.words.get(name) and name not in words:
            value = next((text for text in sample.cells(name) if not _is_number(text)), "")
            return (
                f"The column {name!r} of {sample.name} has words, such as {value[:50]!r}, which no encoder "
                "of the model takes: give it as the training did, a number without a unit and true or false."
            )
    return ""


def refuse_strange(strange: str, original: Original, rows: Any) -> None:
    """Raises TrainingError for words in a column of numbers, when the model itself refuses them."""
    try:
        if strange:
            original(rows)
    except TrainingError as error:
        if "could not convert string" in str(error.__cause__):
            raise TrainingError(strange) from error


def version_note(made_with: str) -> str:
    """Returns a sentence on another version of scikit-learn."""
    return (
        f"The model was made with scikit-learn {made_with} and was loaded with {sklearn_version}; its "
        "predictions are those of the latter."
    )


def version_advice(made_with: str) -> str:
    """Returns what to do about a model of another version; "" for the version that is installed."""
    if not made_with:
        return ""
    return (
        f"The model was made with scikit-learn {made_with}, and {sklearn_version} is installed here: export "
        "it to ONNX there (skl2onnx.to_onnx), and import that file"
    )


def advice_on_rows(made_with: str) -> str:
    """Returns what to do about rows that a model refuses."""
    return version_advice(made_with) or "Give rows as its training had them"


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True
