"""Converters of estimators that skl2onnx does not know, or converts wrongly: registered with it."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from skl2onnx.operator_converters.random_forest import (
    convert_sklearn_random_forest_classifier,
    convert_sklearn_random_forest_regressor_converter,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from training.export.boosters.booster_converters import parse_booster, with_categories
from training.export.ensembles.calibrations import register_calibration_converter
from training.export.ensembles.stacking import register_stacking_converters
from training.export.ensembles.voting import register_voting_converters
from training.export.graphs.tree_ensemble import round_down
from training.export.sklearn_steps.category_codes import register_category_converters
from training.export.sklearn_steps.feature_selection import register_selection_converters
from training.export.sklearn_steps.imputer_indicator import INDICATORS, register_missing_indicator
from training.export.sklearn_steps.linear_discriminant import register_discriminant_converter
from training.export.sklearn_steps.missing_value_branches import register_tree_converters
from training.export.sklearn_steps.numpy_functions import FUNCTIONS
from training.export.sklearn_steps.splines import register_spline_converter
from training.export.sklearn_steps.vectorizers import register_vectorizer_converters

_CLASSIFIER_OPTIONS = {"zipmap": [False, True, "columns"], "nocl": [False, True]}
_HIST_OPTIONS = {**_CLASSIFIER_OPTIONS, "output_class_labels": [False, True], "raw_scores": [False, True]}


def register_library_converters() -> None:
    """Registers the converters with skl2onnx; those of XGBoost and LightGBM when the library is loaded."""
    register_tree_converters()
    register_spline_converter()
    register_calibration_converter()
    register_stacking_converters()
    register_voting_converters()
    register_selection_converters()
    register_vectorizer_converters()
    register_discriminant_converter()
    FUNCTIONS.register()
    INDICATORS.register()
    register_missing_indicator()
    register_category_converters()
    if "xgboost" in sys.modules:
        _register_xgboost()
    if "lightgbm" in sys.modules:
        _register_lightgbm()
    for kind, convert in (
        (HistGradientBoostingClassifier, convert_sklearn_random_forest_classifier),
        (HistGradientBoostingRegressor, convert_sklearn_random_forest_regressor_converter),
    ):
        is_classifier = kind is HistGradientBoostingClassifier
        options = _HIST_OPTIONS if is_classifier else None
        own = with_categories(_with_plain_attributes(convert))
        _register(kind, own, is_classifier, options, prefix="Sklearn")


def _register_xgboost() -> None:
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from xgboost import XGBClassifier, XGBRegressor

    convert = with_categories(_without_feature_names(convert_xgboost))
    _register(XGBClassifier, convert, True)
    _register(XGBRegressor, convert, False)


def _register_lightgbm() -> None:
    from lightgbm import LGBMClassifier, LGBMRegressor
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

    convert = with_categories(convert_lightgbm)
    _register(LGBMClassifier, convert, True, {**_CLASSIFIER_OPTIONS, "raw_scores": [False, True]})
    _register(LGBMRegressor, convert, False, {"split": None})


def _register(
    kind: type,
    convert: Callable[..., None],
    is_classifier: bool,
    options: dict[str, Any] | None = None,
    *,
    prefix: str = "Training",
) -> None:
    shapes = (
        calculate_linear_classifier_output_shapes
        if is_classifier
        else calculate_linear_regressor_output_shapes
    )
    update_registered_converter(
        kind,
        f"{prefix}{kind.__name__}",
        shapes,
        convert,
        overwrite=True,
        parser=parse_booster,
        options=(options or _CLASSIFIER_OPTIONS) if is_classifier else options,
    )


def _without_feature_names(convert: Callable[..., None]) -> Callable[..., None]:
    """The converter reads features by position, and refuses a booster that was fitted on a data frame."""

    def unnamed(scope: Any, operator: Any, container: Any) -> None:
        booster = operator.raw_operator.get_booster()
        names, booster.feature_names = booster.feature_names, None
        try:
            convert(scope, operator, container)
        finally:
            booster.feature_names = names

    return unnamed


class _PlainAttributes:
    """A container whose nodes get Python's numbers: onnx refuses NumPy integers."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def add_node(self, *arguments: Any, **attributes: Any) -> Any:
        """Adds a node with plain attributes."""
        return self._container.add_node(
            *arguments, **{name: _plain(name, value) for name, value in attributes.items()}
        )


def _plain(name: str, value: Any) -> Any:
    if name == "nodes_values":
        # As with LightGBM's thresholds, the nearest float32 would lead some rows into the other branch.
        return round_down(np.array(value, dtype=np.float64)).tolist()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain_number(item) for item in value] if isinstance(value, list) else value


def _plain_number(item: Any) -> Any:
    plain = item.item() if isinstance(item, np.generic) else item
    return int(plain) if isinstance(plain, bool) else plain


def _with_plain_attributes(convert: Callable[..., None]) -> Callable[..., None]:
    def plain(scope: Any, operator: Any, container: Any) -> None:
        convert(scope, operator, _PlainAttributes(container))

    return plain
