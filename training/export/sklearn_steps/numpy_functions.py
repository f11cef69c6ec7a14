"""Functions of NumPy in a FunctionTransformer as operators of ONNX."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from training.export.sklearn_steps.conditional_converter import ConditionalConverter

# Operator and its second input, if it has one.
FunctionStep = tuple[str, float | None]
NUMPY_FUNCTIONS: dict[Any, Sequence[FunctionStep]] = {
    np.log: [("Log", None)],
    np.log1p: [("Add", 1.0), ("Log", None)],
    np.exp: [("Exp", None)],
    np.expm1: [("Exp", None), ("Sub", 1.0)],
    np.sqrt: [("Sqrt", None)],
    np.square: [("Pow", 2.0)],
    np.abs: [("Abs", None)],
    np.negative: [("Neg", None)],
    np.reciprocal: [("Reciprocal", None)],
    np.sin: [("Sin", None)],
    np.cos: [("Cos", None)],
    np.tanh: [("Tanh", None)],
}


def _is_of_numpy(operator: Any) -> bool:
    return operator.raw_operator.func in NUMPY_FUNCTIONS and len(operator.inputs) == 1


def _shapes(operator: Any) -> None:
    operator.outputs[0].type = copy.deepcopy(operator.inputs[0].type)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    element = operator.inputs[0].type._get_element_onnx_type()
    value, steps = operator.inputs[0].full_name, NUMPY_FUNCTIONS[operator.raw_operator.func]
    for number, (kind, constant) in enumerate(steps, start=1):
        inputs = [value]
        if constant is not None:
            inputs.append(scope.get_unique_variable_name("constant"))
            container.add_initializer(inputs[-1], element, [1], [constant])
        last = number == len(steps)
        value = operator.outputs[0].full_name if last else scope.get_unique_variable_name("of_function")
        container.add_node(kind, inputs, [value], name=scope.get_unique_operator_name(kind))


FUNCTIONS = ConditionalConverter(FunctionTransformer, applies=_is_of_numpy, shapes=_shapes, convert=_convert)
