"""Checks that an object of a file is an estimator of scikit-learn that can be served."""

import warnings
from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor
from sklearn.pipeline import Pipeline

from training.errors import TrainingError


def check_estimator(model: Any, rows: Any) -> None:
    """Raises TrainingError unless a model is a fitted classifier with probabilities, or a regressor.

    Args:
        model: The model.
        rows: One row of the sample.
    """
    if isinstance(model, type):
        raise TrainingError(
            f"The file holds the class {model.__name__} and no fitted model: save the fitted estimator."
        )
    kind = type(model).__name__
    if getattr(model, "refit", True) is False:
        raise TrainingError(
            f"The {kind} was fitted with refit=False, so it has no model: fit it with refit=True, or save a "
            "pipeline that was fitted with its best_params_."
        )
    if not hasattr(model, "predict") or not (is_classifier(model) or is_regressor(model)):
        raise TrainingError(
            f"The file holds a {kind}, and a model to serve is a fitted classifier or regressor of "
            f"scikit-learn, or a pipeline that ends in one{_inside(model)}{_as_model(model)}."
        )
    _check_answers(model, kind, rows)
    if is_classifier(model) and not hasattr(model, "predict_proba"):
        cure = (
            "fit it with voting='soft'"
            if getattr(model, "voting", "") == "hard"
            else f"put {_last_of(model)} into CalibratedClassifierCV, and fit it again"
        )
        raise TrainingError(
            f"The classifier {kind} has no predict_proba, so there are no probabilities: {cure}."
        )
    if is_classifier(model) and len(getattr(model, "classes_", (0, 1))) == 1:
        raise TrainingError(
            f"The classifier {kind} knows one label alone ({model.classes_[0]}), which it predicts for every "
            "row: fit it on rows of all labels."
        )
    if is_classifier(model) and not hasattr(model, "classes_"):
        raise TrainingError(f"The classifier {kind} is not fitted: save it after it is fitted.")


def _check_answers(model: Any, kind: str, rows: Any) -> None:
    """Raises TrainingError for a model of several targets, by its prediction for one row."""
    count = 1
    # Rows that the model refuses get a sentence when all of them are predicted.
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        count = np.asarray(model.predict(rows)).reshape(1, -1).shape[1]
    if count > 1:
        raise TrainingError(
            f"The {kind} predicts {count} targets, and an answer has one: fit one model for each, and import "
            "them one by one."
        )


def _as_model(model: Any) -> str:
    """Returns how an anomaly detector or clusters become a model, for the end of a sentence."""
    if not hasattr(model, "__sklearn_tags__"):
        return ""
    if is_outlier_detector(model):
        return (
            ": export it with skl2onnx.to_onnx, keep its score by onnx.utils.extract_model('model.onnx', "
            "'score.onnx', ['X'], ['scores']), and import that file, a regression"
        )
    if is_clusterer(model):
        return ": fit a classifier on the same columns and its labels_, and save that"
    return ""


def _last_of(model: Any) -> str:
    return "its last step" if isinstance(model, Pipeline) else "it"


def _inside(model: Any) -> str:
    """Returns where a file of several things has its model, for the end of a sentence."""
    if isinstance(model, list | tuple):
        model = dict(enumerate(model))
    for key, part in model.items() if isinstance(model, dict) else ():
        if hasattr(part, "predict"):
            return f": save the {type(part).__name__} under {key!r} alone"
    return ""
