"""Fitted estimators of earlier versions of scikit-learn, as the installed version reads them."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

_LIBRARIES = ("sklearn.", "xgboost.")


def brought_up_to_date(loaded: Any) -> Any:
    """Gives the estimators of a loaded model what the installed version of scikit-learn reads in them.

    A parameter that the estimator's version lacked gets its default, which keeps what it did before:
    https://scikit-learn.org/stable/developers/contributing.html#maintaining-backwards-compatibility

    Args:
        loaded: The model, which is changed in place.
    """
    for estimator in _estimators(loaded, set()):
        for name, default in _defaults(type(estimator)).items():
            if not hasattr(estimator, name):
                setattr(estimator, name, default)
        for kind, complete in _COMPLETIONS.items():
            if isinstance(estimator, kind):
                complete(estimator)
    return loaded


def _complete_imputer(imputer: Any) -> None:
    """Sets the type of the filled values, which was that of the fitted table until version 1.7."""
    if hasattr(imputer, "_fit_dtype") and not hasattr(imputer, "_fill_dtype"):
        imputer._fill_dtype = imputer._fit_dtype


def _complete_weights(transformer: Any) -> None:
    """Sets the weights of words, which were a diagonal matrix until version 1.4."""
    if (diagonal := vars(transformer).get("_idf_diag")) is not None:
        transformer.idf_ = diagonal.diagonal()


def _complete_boosting(boosting: Any) -> None:
    """Sets the encoder of categories, which version 1.3 did not have."""
    if not hasattr(boosting, "_preprocessor") and getattr(boosting, "is_categorical_", None) is None:
        boosting._preprocessor = None


def _complete_columns(transformer: Any) -> None:
    """Replaces columns that pass, which version 1.3 wrote as a word."""
    passing = FunctionTransformer(accept_sparse=True, check_inverse=False)
    if hasattr(transformer, "transformers_"):
        transformer.transformers_ = [
            (name, passing if isinstance(step, str) and step == "passthrough" else step, columns)
            for name, step, columns in transformer.transformers_
        ]


def _complete_tree(tree: Any) -> None:
    """Makes shares of the labels of each node, which version 1.3 counted."""
    if hasattr(tree, "tree_"):
        values = tree.tree_.value
        weights = values.sum(axis=2, keepdims=True)
        # Shares stay as they are to the last digit.
        np.divide(values, weights, out=values, where=(weights > 0) & ~np.isclose(weights, 1))


_COMPLETIONS: dict[type, Callable[[Any], None]] = {
    SimpleImputer: _complete_imputer,
    TfidfTransformer: _complete_weights,
    HistGradientBoostingClassifier: _complete_boosting,
    HistGradientBoostingRegressor: _complete_boosting,
    ColumnTransformer: _complete_columns,
    DecisionTreeClassifier: _complete_tree,
}


def _defaults(kind: type) -> dict[str, Any]:
    """Returns the default of each parameter of a class, also of those that it passes on to a base class."""
    return {
        name: parameter.default
        for base in reversed(kind.__mro__)
        if base.__module__.startswith(_LIBRARIES)
        for name, parameter in inspect.signature(base).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


def _estimators(found: Any, seen: set[int]) -> Iterator[Any]:
    """Yields the estimators of scikit-learn and XGBoost in an object, each once."""
    if id(found) in seen:
        return
    seen.add(id(found))
    if type(found).__module__.startswith(_LIBRARIES):
        # Also parts that are no estimators, such as the members of a CalibratedClassifierCV.
        parts = [*getattr(found, "__dict__", {}).values()]
    elif isinstance(found, dict):
        parts = [*found.values()]
    elif isinstance(found, np.ndarray):
        parts = found.ravel().tolist() if found.dtype == object else []
    else:
        parts = [*found] if isinstance(found, list | tuple) else []
    for part in parts:
        yield from _estimators(part, seen)
    if isinstance(found, BaseEstimator) and type(found).__module__.startswith(_LIBRARIES):
        yield found
