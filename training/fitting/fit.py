"""A pipeline fitted on the rows it may learn from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.utils.validation import has_fit_parameter

from training.data.dataset import Dataset
from training.data.gaps import with_gaps
from training.data.matrix import frame
from training.model import Model
from training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A model and its fitted scikit-learn pipeline."""

    model: Model
    pipeline: Any

    def outputs(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """What the pipeline says of these rows, by situation: (n, classes) probabilities or (n, 1) values."""
        return {
            situation.name: self._output(dataset.without(situation.absent))
            for situation in self.model.situations
        }

    def _output(self, dataset: Dataset) -> NDArray[Any]:
        rows = frame(self.model.fields, dataset)
        if is_classifier(self.pipeline):
            return np.asarray(self.pipeline.predict_proba(rows))
        return np.asarray(self.pipeline.predict(rows)).reshape(-1, 1)


def fit(model: Model, train: Dataset, plan: Plan) -> Fitted:
    """Fits the model's pipeline on these rows, with its gaps in them."""
    pipeline = model.pipeline(model.columns, plan)
    fit_pipeline(pipeline, learning_rows(model, train, plan), train)
    return Fitted(model=model, pipeline=pipeline)


def learning_rows(model: Model, train: Dataset, plan: Plan) -> pd.DataFrame:
    """The frame of these rows, with the model's gaps in it."""
    return with_gaps(frame(model.fields, train), model.fields, model.gaps, plan.seed)


def fit_pipeline(pipeline: Any, rows: pd.DataFrame, train: Dataset) -> None:
    """Fits a pipeline on the frame of a dataset's rows."""
    dated = {"dates": train.dates} if has_fit_parameter(pipeline, "dates") else {}
    pipeline.fit(rows, train.target, **dated)
