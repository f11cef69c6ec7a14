"""Converters of boosters whose trees split categories; other boosters keep the converters that they had."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from onnx import TensorProto
from skl2onnx._parse import _parse_sklearn, _parse_sklearn_simple_model
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.base import is_classifier

from training.export.boosters.booster_parts import IDENTITY, BoosterParts, add_booster
from training.export.boosters.hist_booster import has_own_encoder, hist_parts, own_encoder
from training.export.boosters.lightgbm_booster import categorical_features, lightgbm_parts
from training.export.boosters.xgboost_booster import best_learner, coded_features, xgboost_parts
from training.export.ensembles.ensemble_members import element_type, has_option, joined, write_probabilities
from training.export.graphs.graph_builder import GraphBuilder

Convert = Callable[[Any, Any, Any], None]


def with_categories(convert: Convert) -> Convert:
    """Returns a converter for skl2onnx that converts boosters with categories, and scores, itself."""

    def convert_any(scope: Any, operator: Any, container: Any) -> None:
        model = operator.raw_operator
        parts = categories_of(model)
        is_raw = (
            has_option(model, "raw_scores")
            and container.get_options(model, {"raw_scores": False})["raw_scores"]
        )
        is_double = isinstance(operator.inputs[0].type, DoubleTensorType)
        # The converters of onnxmltools and skl2onnx round what is double.
        if parts is None and (is_double or (is_raw and hasattr(model, "booster_"))):
            parts = _parts_of(model)
        # XGBoost rounds its features, and the others do not.
        in_double = is_double and not hasattr(model, "get_booster")
        if parts is None:
            convert(scope, operator, container)
        else:
            # The graph has looked up the code of each category before.
            function = IDENTITY if is_raw else parts.function
            _convert(scope, operator, container, replace(parts, values={}, function=function), in_double)

    return convert_any


def parse_booster(scope: Any, model: Any, inputs: Sequence[Any], custom_parsers: Any = None) -> Any:
    """Declares a booster to skl2onnx, on one tensor and after its own encoder; returns the outputs."""
    found = [*inputs]
    if has_own_encoder(model):
        if len(found) == 1:
            # The width of a step before is not yet computed.
            found[0].type.shape = [None, model.n_features_in_]
        found = _parse_sklearn(scope, own_encoder(model), found, custom_parsers=custom_parsers)
    return _parse_sklearn_simple_model(scope, model, [joined(scope, found)], custom_parsers=custom_parsers)


def categories_of(model: Any) -> BoosterParts | None:
    """Reads an estimator of LightGBM, XGBoost or HistGradientBoosting; None for one without categories."""
    if hasattr(model, "booster_"):
        dumped = model.booster_.dump_model()
        is_own = categorical_features(model.booster_, dumped) or dumped.get("pandas_categorical")
        return _parts_of(model) if is_own else None
    if hasattr(model, "get_booster"):
        return _parts_of(model) if coded_features(best_learner(model.get_booster())) else None
    return _parts_of(model) if has_own_encoder(model) else None


def _parts_of(model: Any) -> BoosterParts:
    if hasattr(model, "booster_"):
        return lightgbm_parts(model.booster_, model.booster_.dump_model())
    if hasattr(model, "get_booster"):
        return xgboost_parts(best_learner(model.get_booster()))
    return hist_parts(model)


def _convert(scope: Any, operator: Any, container: Any, parts: BoosterParts, in_double: bool) -> None:
    graph, kind = GraphBuilder(scope, container), element_type(operator)
    number = TensorProto.DOUBLE if in_double else TensorProto.FLOAT
    features = graph.add("Cast", [operator.inputs[0].full_name], to=number)
    found = add_booster(graph, parts, numbers=features, in_double=in_double)
    answers = graph.add("Cast", [found], to=kind)
    if not is_classifier(operator.raw_operator):
        graph.add("Identity", [answers], output=operator.outputs[0].full_name)
        return
    if len(parts.trees) == 1:
        whole = graph.constant(kind, [1], [0.0 if parts.function == IDENTITY else 1.0])
        answers = graph.add("Concat", [graph.add("Sub", [whole, answers]), answers], axis=1)
    write_probabilities(graph, operator, answers)
