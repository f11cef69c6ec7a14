"""Fits a model's pipeline on its training rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.utils.validation import has_fit_parameter

from bundle import Columns, Field
from training.checks.pipelines import check_pipeline
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.model import Gap, Model
from training.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A model and its fitted scikit-learn pipeline."""

    model: Model
    pipeline: Any

    def outputs(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Predicts the rows in each situation: (n, classes) probabilities or (n, 1) values by its name."""
        return {
            situation.name: self._output(dataset.without(situation.absent))
            for situation in self.model.situations
        }

    def _output(self, dataset: Dataset) -> NDArray[Any]:
        rows = pipeline_frame(self.model.fields, dataset)
        if is_classifier(self.pipeline):
            return np.asarray(self.pipeline.predict_proba(rows))
        return np.asarray(self.pipeline.predict(rows)).reshape(-1, 1)


def fit(model: Model, train: Dataset, plan: Plan) -> Fitted:
    """Fits the model's pipeline on the training rows, with the model's gaps in them."""
    pipeline = model.pipeline(model.columns, plan)
    check_pipeline(model, pipeline)
    fit_pipeline(pipeline, training_frame(model, train, plan), train)
    return Fitted(model=model, pipeline=pipeline)


def training_frame(model: Model, train: Dataset, plan: Plan) -> pd.DataFrame:
    """Encodes the training rows as a data frame with the model's gaps in it."""
    return with_gaps(pipeline_frame(model.fields, train), model.fields, model.gaps, plan.seed)


def fit_pipeline(pipeline: Any, rows: pd.DataFrame, train: Dataset) -> None:
    """Fits a pipeline on the data frame of a dataset's rows."""
    dated = {"dates": train.dates} if has_fit_parameter(pipeline, "dates") else {}
    pipeline.fit(rows, train.target, **dated)


def with_gaps(rows: pd.DataFrame, fields: Sequence[Field], gaps: Iterable[Gap], seed: int) -> pd.DataFrame:
    """Copies the data frame with each gap's fields absent in a random `share` of its rows."""
    random = np.random.default_rng(seed)
    gapped = {}
    for gap in gaps:
        absent = random.random(len(rows)) < gap.share
        columns = Columns([field for field in fields if field.name in gap.fields])
        gapped.update({name: _masked(rows[name], absent) for name in (*columns.numbers, *columns.strings)})
    return rows.assign(**gapped)


def _masked(values: pd.Series, absent: NDArray[np.bool_]) -> pd.Series:
    return values.where(~absent, "") if isinstance(values.dtype, pd.CategoricalDtype) else values.mask(absent)
