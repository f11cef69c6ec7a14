"""Transformation of a regressor's target: undone by operators of ONNX after the prediction."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from training.errors import TrainingError
from training.export.sklearn_steps.numpy_functions import NUMPY_FUNCTIONS, FunctionStep

_LOG_LINKS = ("poisson", "gamma")
_CURE = (
    "numpy.log1p with numpy.expm1, numpy.log with numpy.exp, numpy.sqrt with numpy.square or a StandardScaler"
)


def without_target_transform(model: Any) -> tuple[Any, Sequence[FunctionStep]]:
    """Returns a regressor without the transformation of its target, and what undoes it after the prediction.

    The exponential of a loss with a logarithm is undone so too.

    Raises:
        TrainingError: When no operators undo it.
    """
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    if isinstance(last, HistGradientBoostingRegressor) and last.loss in _LOG_LINKS:
        # skl2onnx leaves out the exponential of such a loss.
        return model, NUMPY_FUNCTIONS[np.exp]
    if not isinstance(last, TransformedTargetRegressor):
        return model, ()
    steps = tuple(_inverse(last))
    if isinstance(model, Pipeline):
        plain = Pipeline([*model.steps[:-1], (model.steps[-1][0], last.regressor_)])
    else:
        plain = last.regressor_
    inner, more = without_target_transform(plain)
    return inner, (*more, *steps)


def _inverse(model: TransformedTargetRegressor) -> Iterator[FunctionStep]:
    """Yields the steps that undo the transformation of a target."""
    found = model.transformer_
    kind = type(found).__name__
    if isinstance(found, FunctionTransformer):
        if found.inverse_func is None and found.func is None:
            return
        if found.inverse_func in NUMPY_FUNCTIONS:
            yield from NUMPY_FUNCTIONS[found.inverse_func]
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


def undone(model: onnx.ModelProto, steps: Sequence[FunctionStep]) -> onnx.ModelProto:
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
