"""Predictions of an estimator by scikit-learn itself, with which its graph is compared."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.importing.pipelines.categorical_sample import as_category
from training.importing.pipelines.text_columns import number_words
from training.importing.readers.foreign_model import Original


def original_predictions(
    model: Any, names: list[str], passed: Mapping[str, Sequence[Any]], cure: str
) -> Original:
    """Returns what predicts rows by the model itself.

    Args:
        model: The estimator.
        names: Its columns; empty when it was fitted on an array.
        passed: Values of the columns that it takes as categories of pandas.
        cure: What to do about rows that it refuses.
    """
    numbers = number_words(model)

    def predict(rows: Any) -> NDArray[Any]:
        own = {name: as_category(rows[name], values) for name, values in passed.items()}
        own |= {name: pd.to_numeric(rows[name]) for name in numbers}
        table = rows.assign(**own) if names else rows.to_numpy()
        if not names and not hasattr(model, "n_features_in_"):
            table = table[:, 0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = model.predict_proba(table) if is_classifier(model) else model.predict(table)
            except Exception as error:
                raise TrainingError(
                    f"The {type(model).__name__} cannot predict the sample rows. {cure}. The reason is "
                    f"{reason_of(error)}"
                ) from error
        return np.asarray(found, dtype=np.float64).reshape(len(rows), -1)

    return predict
