"""Checks of the steps of a fitted estimator of scikit-learn before its conversion."""

from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.neighbors import RadiusNeighborsClassifier, RadiusNeighborsRegressor

from training.errors import TrainingError
from training.export.sklearn_steps.fitted_steps import fitted_steps
from training.export.sklearn_steps.imputer_indicator import has_indicator


def check_steps(model: Any) -> None:
    """Raises TrainingError for a step that would be converted without an error, and not as it is."""
    _refuse_dates(model)
    for name, step in (("model", model), *model.get_params(deep=True).items()):
        if getattr(step, "booster", "") == "gblinear":
            raise TrainingError(
                f"The step {name!r} ({type(step).__name__}) has the booster gblinear, which has no trees: "
                "train it with gbtree, or train a linear model of scikit-learn."
            )
        if isinstance(step, GaussianProcessClassifier):
            raise TrainingError(
                f"The step {name!r} (GaussianProcessClassifier) has no standard operators of ONNX: use "
                "SVC(kernel='rbf', probability=True)."
            )
        if isinstance(step, RadiusNeighborsClassifier | RadiusNeighborsRegressor):
            raise TrainingError(
                f"The step {name!r} ({type(step).__name__}) has no answer in ONNX for a row without "
                f"neighbours: use {type(step).__name__.replace('Radius', 'K')}."
            )
        # Training has a converter for its own baselines, which an import would take after a training.
        if isinstance(step, DummyClassifier | DummyRegressor):
            raise TrainingError(
                f"The step {name!r} ({type(step).__name__}) predicts the same for every row: any model "
                "with its fields is better."
            )
        if getattr(step, "add_indicator", False) is True and not has_indicator(step):
            raise TrainingError(
                f"The step {name!r} ({type(step).__name__}) has add_indicator=True, which is converted "
                "for numbers in a SimpleImputer only: fit it with add_indicator=False, or take trees that "
                "learn from absent values."
            )


def _refuse_dates(model: Any) -> None:
    """Raises TrainingError for categories that a row cannot have: each of its values would be unknown."""
    for step in fitted_steps(model):
        for values in getattr(step, "categories_", ()):
            strange = [value for value in np.asarray(values, dtype=object) if not _is_plain(value)]
            if strange:
                raise TrainingError(
                    f"The {type(step).__name__} has categories of the type {type(strange[0]).__name__}, such "
                    f"as {str(strange[0])[:50]!r}, and a row has numbers and strings: give the column to the "
                    "training as strings (astype(str))."
                )


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float | np.bool_ | np.number)
