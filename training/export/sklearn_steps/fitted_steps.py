"""Fitted estimators inside a fitted estimator of scikit-learn, however it holds them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.calibration import _CalibratedClassifier


def fitted_steps(model: Any) -> Iterator[Any]:
    """Yields a model and the estimators inside it once, in the order of its attributes.

    Pipelines, searches, ensembles and calibrations hold their parts in lists, tuples, dictionaries, arrays
    and objects that are no estimators, and also the parts that they were given, which were never fitted.
    """
    return _inside(model, set())


def _inside(value: Any, seen: set[int]) -> Iterator[Any]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, BaseEstimator):
        yield value
    for part in _parts(value):
        yield from _inside(part, seen)


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, BaseEstimator | _CalibratedClassifier):
        return iter(vars(value).values())
    if isinstance(value, np.ndarray) and value.dtype == object:
        return iter(value.ravel())
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value if isinstance(value, list | tuple) else ())
