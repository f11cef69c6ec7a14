"""Fits a model's pipeline on its training rows, after it has checked the pipeline."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.utils.validation import has_fit_parameter

from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.errors import TrainingError
from training.fit_plan import Plan
from training.fitting.missing_value_augmentation import TrainingColumns, with_gaps
from training.model import Model


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A model and its fitted scikit-learn pipeline.

    Attributes:
        model: The model.
        pipeline: Its pipeline.
        quantiles: Fitted pipeline of the quantiles of its second target; None without them.
    """

    model: Model
    pipeline: Any
    quantiles: Any = None

    def outputs(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Predicts the rows in each situation: (n, classes) probabilities or (n, 1) values by its name."""
        return {
            situation.name: self._output(dataset.without(situation.absent))
            for situation in self.model.situations
        }

    def quantiles_of(self, dataset: Dataset) -> NDArray[Any]:
        """Predicts the quantiles of rows: shape (n, 3)."""
        return np.asarray(self.quantiles.predict(pipeline_frame(self.model.fields, dataset)))

    def _output(self, dataset: Dataset) -> NDArray[Any]:
        rows = pipeline_frame(self.model.fields, dataset)
        if is_classifier(self.pipeline):
            return np.asarray(self.pipeline.predict_proba(rows))
        return np.asarray(self.pipeline.predict(rows)).reshape(-1, 1)


def fit(model: Model, train: Dataset, plan: Plan) -> Fitted:
    """Fits the model's pipeline on the training rows, with the model's gaps in them."""
    pipeline = model.pipeline(model.columns, plan)
    check_pipeline(model, pipeline)
    fit_pipeline(pipeline, training_rows(pipeline, model, train, plan), train)
    return Fitted(model=model, pipeline=pipeline)


def fit_again(refit: Callable[[], Fitted], plan: Plan, *, tested: Fitted) -> Fitted:
    """Fits by the same recipe on all rows; returns the tested fit when the plan stops before the end.

    Raises:
        TrainingError: As `refit`.
    """
    if plan.stopping():
        return tested
    try:
        found = refit()
    except TrainingError:
        if plan.stopping():
            return tested
        raise
    return tested if plan.stopping() else found


def training_rows(pipeline: Any, model: Model, train: Dataset, plan: Plan) -> pd.DataFrame | TrainingColumns:
    """Returns the training rows with the model's gaps, as columns where the pipeline takes these."""
    if getattr(pipeline, "takes_training_columns", False):
        return TrainingColumns(model.fields, train, model.gaps, plan.seed)
    return training_frame(model, train, plan)


def training_frame(model: Model, train: Dataset, plan: Plan) -> pd.DataFrame:
    """Encodes the training rows as a data frame with the model's gaps in it."""
    return with_gaps(pipeline_frame(model.fields, train), model.fields, model.gaps, plan.seed)


def fit_pipeline(pipeline: Any, rows: pd.DataFrame | TrainingColumns, train: Dataset) -> None:
    """Fits a pipeline on the data frame of a dataset's rows, or on its columns one by one."""
    dated = {"dates": train.dates} if has_fit_parameter(pipeline, "dates") else {}
    # Products of finite matrices in single precision report an invalid operation now and then.
    with np.errstate(invalid="ignore"):
        pipeline.fit(rows, train.target, **dated)


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
