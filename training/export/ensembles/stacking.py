"""StackingClassifier and StackingRegressor as operators of ONNX: predictions of members as columns."""

from typing import Any

from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.common._registration import register_converter, register_shape_calculator
from sklearn.base import is_classifier
from sklearn.ensemble import StackingClassifier, StackingRegressor

from training.errors import TrainingError
from training.export.ensembles.ensemble_members import (
    CLASSIFIER_OPTIONS,
    as_numbers,
    declare_outputs,
    joined,
    keep_shapes,
    number_type,
    parse_member,
    write_probabilities,
)
from training.export.graphs.graph_builder import GraphBuilder

_COLUMNS = "TrainingStackedColumns"


def register_stacking_converters() -> None:
    """Registers the converters."""
    register_converter(_COLUMNS, _convert_columns, overwrite=True)
    register_shape_calculator(_COLUMNS, keep_shapes, overwrite=True)
    for kind, options in ((StackingClassifier, CLASSIFIER_OPTIONS), (StackingRegressor, None)):
        alias = f"Training{kind.__name__}"
        update_registered_converter(
            kind, alias, keep_shapes, _convert, overwrite=True, options=options, parser=_parse
        )


def _parse(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> list[Any]:
    others = {*model.stack_method_} - {"predict_proba", "predict"}
    if others or (is_classifier(model) and "predict" in model.stack_method_):
        raise TrainingError(
            f"A {type(model).__name__} stacks other results than probabilities "
            f"({', '.join(sorted({*model.stack_method_}))}): give it estimators with probabilities and "
            "stack_method='predict_proba', and fit it again."
        )
    found = [parse_member(scope, member, inputs, custom_parsers) for member in model.estimators_]
    columns = scope.declare_local_operator(_COLUMNS, model)
    columns.inputs = [*found, *([joined(scope, inputs)] if model.passthrough else [])]
    columns.outputs.append(scope.declare_local_variable("stacked", number_type(found)([None, None])))
    last = parse_member(scope, model.final_estimator_, columns.outputs, custom_parsers)
    return declare_outputs(scope, f"Training{type(model).__name__}", model, [last])


def _convert_columns(scope: Any, operator: Any, container: Any) -> None:
    graph, model = GraphBuilder(scope, container), operator.raw_operator
    found = as_numbers(graph, operator)
    members = len(model.estimators_)
    if is_classifier(model) and len(model.classes_) == 2:
        found[:members] = [graph.gather(member, [1]) for member in found[:members]]
    if not is_classifier(model):
        shape = graph.constant(TensorProto.INT64, [2], [-1, 1])
        found[:members] = [graph.add("Reshape", [member, shape]) for member in found[:members]]
    graph.add("Concat", found, output=operator.outputs[0].full_name, axis=1)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph = GraphBuilder(scope, container)
    [found] = as_numbers(graph, operator)
    if is_classifier(operator.raw_operator):
        write_probabilities(graph, operator, found)
    else:
        graph.add("Identity", [found], output=operator.outputs[0].full_name)
