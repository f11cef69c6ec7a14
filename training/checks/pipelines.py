"""Checks of the pipeline that a model's file makes, before it is fitted."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import is_classifier

from training.errors import TrainingError
from training.model import Model


def check_pipeline(model: Model, pipeline: Any) -> None:
    """Raises TrainingError unless a pipeline is an unfitted estimator for the model's task."""
    if not (hasattr(pipeline, "fit") and hasattr(pipeline, "predict")) or isinstance(pipeline, type):
        raise TrainingError(
            f"pipeline() returned {pipeline!r:.60}, which is no estimator: return a scikit-learn pipeline."
        )
    for name, step in _steps("", pipeline):
        if _is_fitted(step):
            raise TrainingError(
                f"pipeline() returned a pipeline whose step {name!r} is fitted already: return it unfitted. "
                "Training fits it on the training rows; another fit may have seen the test rows."
            )
    if is_classifier(pipeline) != bool(model.labels):
        kind = "a classifier" if is_classifier(pipeline) else "no classifier"
        raise TrainingError(
            f"The task of the model is {model.task}, and pipeline() returned {kind}: change one of them."
        )
    if model.labels and not hasattr(pipeline, "predict_proba"):
        raise TrainingError(
            "The last step of the pipeline has no predict_proba, so there are no probabilities: put it into "
            "CalibratedClassifierCV, or use another classifier."
        )


def _steps(prefix: str, estimator: Any) -> Iterator[tuple[str, Any]]:
    """Yields an estimator and, with the names of scikit-learn's parameters, those inside it."""
    yield prefix or type(estimator).__name__, estimator
    for name, value in estimator.get_params(deep=True).items() if hasattr(estimator, "get_params") else ():
        if hasattr(value, "fit") and not isinstance(value, type):
            yield name, value


def _is_fitted(step: Any) -> bool:
    """Whether a step has attributes of a fit, which end in an underscore by scikit-learn's convention."""
    return any(name.endswith("_") and not name.startswith("_") for name in vars(step))
