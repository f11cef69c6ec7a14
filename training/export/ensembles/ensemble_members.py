"""Members of ensembles of scikit-learn in a graph: each is converted on the columns that the ensemble gets.

skl2onnx takes one tensor in an ensemble, so that its members cannot be pipelines that select columns.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx._parse import _parse_sklearn
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common._registration import get_converter
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer

from training.export.graphs.graph_builder import GraphBuilder
from training.export.sklearn_steps.fitted_steps import fitted_steps

# Options of skl2onnx that the converters of classifiers take.
CLASSIFIER_OPTIONS = {"zipmap": [False, True], "nocl": [False, True]}


def parse_member(scope: Any, member: Any, inputs: Sequence[Any], parsers: Any) -> Any:
    """Declares a fitted member to skl2onnx, and returns the variable of its probabilities, scores or values.

    Args:
        scope: skl2onnx's scope.
        member: The member.
        inputs: Variables of the columns that the ensemble gets.
        parsers: Parsers of the conversion.
    """
    for step in fitted_steps(member):
        if has_option(step, "zipmap") and is_classifier(step):
            scope.add_options(id(step), {"zipmap": False})
    selects = any(isinstance(step, ColumnTransformer) for step in fitted_steps(member))
    found = list(inputs) if selects or len(inputs) == 1 else [joined(scope, inputs)]
    return _parse_sklearn(scope, member, found, custom_parsers=parsers)[-1]


def has_option(estimator: Any, name: str) -> bool:
    """Whether the converter of an estimator has an option, such as zipmap or raw_scores."""
    alias = sklearn_operator_name_map.get(type(estimator), "")
    return bool(alias) and name in (get_converter(alias).get_allowed_options() or ())


def joined(scope: Any, inputs: Sequence[Any]) -> Any:
    """Declares one tensor of several columns, and returns its variable."""
    if len(inputs) == 1:
        return inputs[0]
    operator = scope.declare_local_operator("SklearnConcat")
    operator.inputs = list(inputs)
    operator.outputs.append(scope.declare_local_variable("joined", number_type(inputs)([None, None])))
    return operator.outputs[0]


def declare_outputs(scope: Any, alias: str, model: Any, inputs: Sequence[Any]) -> list[Any]:
    """Declares an ensemble on its members' outputs; returns its label and probabilities, or its value."""
    operator = scope.declare_local_operator(alias, model)
    operator.inputs = list(inputs)
    kind = number_type(inputs)
    if is_classifier(model):
        operator.outputs.append(scope.declare_local_variable("label", _label_type(model)([None])))
        width = len(model.classes_)
        operator.outputs.append(scope.declare_local_variable("probabilities", kind([None, width])))
    else:
        operator.outputs.append(scope.declare_local_variable("variable", kind([None, 1])))
    return list(operator.outputs)


def number_type(inputs: Sequence[Any]) -> Any:
    """Returns the type of numbers that are computed from some variables."""
    return (
        DoubleTensorType if any(isinstance(one.type, DoubleTensorType) for one in inputs) else FloatTensorType
    )


def keep_shapes(operator: Any) -> None:
    """Does nothing, because the types were declared with the outputs."""


def as_numbers(graph: GraphBuilder, operator: Any) -> list[str]:
    """Returns the inputs in the type of the last output; trees give float also in a double graph."""
    kind = element_type(operator)
    return [graph.add("Cast", [one.full_name], to=kind) for one in operator.inputs]


def element_type(operator: Any) -> int:
    """Returns the ONNX type of an operator's last output."""
    kind = operator.outputs[-1].type
    return int(TensorProto.DOUBLE if isinstance(kind, DoubleTensorType) else TensorProto.FLOAT)


def write_probabilities(graph: GraphBuilder, operator: Any, probabilities: str) -> None:
    """Writes the outputs of a classifier: the probabilities, and the label of the largest one."""
    classes = operator.raw_operator.classes_
    best = graph.add("ArgMax", [probabilities], axis=1, keepdims=0)
    if _label_type(operator.raw_operator) is StringTensorType:
        texts = [str(label).encode() for label in classes]
        names = graph.constant(TensorProto.STRING, [len(texts)], texts)
    else:
        names = graph.constant(TensorProto.INT64, [len(classes)], classes.astype(np.int64).tolist())
    graph.add("Gather", [names, best], output=operator.outputs[0].full_name)
    graph.add("Identity", [probabilities], output=operator.outputs[1].full_name)


def _label_type(model: Any) -> Any:
    return StringTensorType if np.asarray(model.classes_).dtype.kind in "OUS" else Int64TensorType
