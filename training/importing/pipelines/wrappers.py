"""Wrappers around the last estimator of a model, whose predictions are those of the estimator inside."""

from typing import Any

from sklearn.feature_selection import RFE, RFECV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.semi_supervised import SelfTrainingClassifier

from training.importing.pipelines.text_columns import without_passthrough


def without_wrappers(model: Any) -> tuple[Any, float | None]:
    """Returns the model in searches, self-training, thresholds and eliminations of features, and a threshold.

    A threshold changes labels only, and its classifier's probabilities are those of the model.
    """
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner, threshold = without_wrappers(last)
        # A pipeline has the columns of its first step.
        steps = [*without_passthrough(model.steps[:-1]), (name, inner)]
        is_same = inner is last and len(steps) == len(model.steps)
        return (model if is_same else Pipeline(steps)), threshold
    if hasattr(model, "best_estimator_"):
        return without_wrappers(model.best_estimator_)
    if isinstance(model, FixedThresholdClassifier | TunedThresholdClassifierCV):
        threshold = getattr(model, "best_threshold_", getattr(model, "threshold", None))
        inner, _ = without_wrappers(model.estimator_)
        return inner, threshold if isinstance(threshold, float) else None
    if isinstance(model, FrozenEstimator):
        return without_wrappers(model.estimator)
    if isinstance(model, SelfTrainingClassifier) and hasattr(model, "estimator_"):
        return without_wrappers(model.estimator_)
    if isinstance(model, RFE | RFECV) and hasattr(model, "estimator_"):
        return Pipeline([("select", model), ("model", model.estimator_)]), None
    return model, None
