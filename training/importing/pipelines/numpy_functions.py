"""Functions of NumPy in scikit-learn's steps as operators of ONNX: before a model, and for its target."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from skl2onnx import update_registered_converter
from skl2onnx.common._registration import get_converter, get_shape_calculator
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from training.errors import TrainingError

# Operator and its second input, if it has one.
_Step = tuple[str, float | None]
_FUNCTIONS: dict[Any, Sequence[_Step]] = {
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
_NAME = "SklearnFunctionTransformer"
_CURE = (
    "numpy.log1p with numpy.expm1, numpy.log with numpy.exp, numpy.sqrt with numpy.square or a StandardScaler"
)


def register_function_converter() -> None:
    """Registers the converter of FunctionTransformer with functions of NumPy."""
    if get_converter(_NAME)._fct is not _convert:
        _original.update(convert=get_converter(_NAME)._fct, shapes=get_shape_calculator(_NAME))
        update_registered_converter(FunctionTransformer, _NAME, _shapes, _convert, overwrite=True)


_original: dict[str, Any] = {}


def _shapes(operator: Any) -> None:
    if operator.raw_operator.func in _FUNCTIONS and len(operator.inputs) == 1:
        operator.outputs[0].type = copy.deepcopy(operator.inputs[0].type)
        return
    _original["shapes"](operator)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    function = operator.raw_operator.func
    if function not in _FUNCTIONS or len(operator.inputs) != 1:
        _original["convert"](scope, operator, container)
        return
    element = operator.inputs[0].type._get_element_onnx_type()
    value, steps = operator.inputs[0].full_name, _FUNCTIONS[function]
    for number, (kind, constant) in enumerate(steps, start=1):
        inputs = [value]
        if constant is not None:
            inputs.append(scope.get_unique_variable_name("constant"))
            container.add_initializer(inputs[-1], element, [1], [constant])
        last = number == len(steps)
        value = operator.outputs[0].full_name if last else scope.get_unique_variable_name("value")
        container.add_node(kind, inputs, [value], name=scope.get_unique_operator_name(kind))


def without_target_transform(model: Any) -> tuple[Any, Sequence[_Step]]:
    """Returns a regressor without the transformation of its target, and what undoes it after the prediction.

    Raises:
        TrainingError: When no operators undo it.
    """
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    if not isinstance(last, TransformedTargetRegressor):
        return model, ()
    steps = tuple(_inverse(last))
    if isinstance(model, Pipeline):
        plain = Pipeline([*model.steps[:-1], (model.steps[-1][0], last.regressor_)])
    else:
        plain = last.regressor_
    inner, more = without_target_transform(plain)
    return inner, (*more, *steps)


def _inverse(model: TransformedTargetRegressor) -> Iterator[_Step]:
    """Yields the steps that undo the transformation of a target."""
    found = model.transformer_
    kind = type(found).__name__
    if isinstance(found, FunctionTransformer):
        if found.inverse_func is None and found.func is None:
            return
        if found.inverse_func in _FUNCTIONS:
            yield from _FUNCTIONS[found.inverse_func]
            return
        kind = f"function {getattr(found.inverse_func, '__name__', found.inverse_func)}"
    elif kind == "MinMaxScaler" and not found.clip:
        yield from (("Sub", float(found.min_[0])), ("Div", float(found.scale_[0])))
        return
    elif kind in ("StandardScaler", "RobustScaler", "MaxAbsScaler"):
        is_centered = getattr(found, "with_mean", getattr(found, "with_centering", False))
        middle = getattr(found, "mean_", getattr(found, "center_", None)) if is_centered else None
        if found.scale_ is not None:
            yield "Mul", float(found.scale_[0])
        if middle is not None:
            yield "Add", float(middle[0])
        return
    raise TrainingError(
        f"The TransformedTargetRegressor undoes its target's transformation by the {kind}, which has no "
        f"operators in ONNX here: transform the target by {_CURE}."
    )


def undone(model: onnx.ModelProto, steps: Sequence[_Step]) -> onnx.ModelProto:
    """Copies the graph of a regressor with steps after its only output."""
    found = onnx.ModelProto()
    found.CopyFrom(model)
    if not steps:
        return found
    output = found.graph.output[0].name
    kind = helper.tensor_dtype_to_np_dtype(found.graph.output[0].type.tensor_type.elem_type)
    for node in found.graph.node:
        node.output[:] = ["transformed_0" if name == output else name for name in node.output]
        node.input[:] = ["transformed_0" if name == output else name for name in node.input]
    for number, (name, constant) in enumerate(steps, start=1):
        inputs = [f"transformed_{number - 1}"]
        if constant is not None:
            inputs.append(f"transform_{number}")
            found.graph.initializer.append(
                numpy_helper.from_array(np.array([constant], dtype=kind), inputs[-1])
            )
        result = output if number == len(steps) else f"transformed_{number}"
        found.graph.node.append(helper.make_node(name, inputs, [result]))
    return found
