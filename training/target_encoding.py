"""scikit-learn's TargetEncoder as two ONNX operators, however many columns it encodes."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, StringTensorType

from training.errors import TrainingError


def set_target_encoder_shape(operator: Any) -> None:
    """Tells the converter what a TargetEncoder gives: one float a column."""
    operator.outputs[0].type = FloatTensorType([None, len(operator.raw_operator.categories_)])


def convert_target_encoder(scope: Any, operator: Any, container: Any) -> None:
    """Writes a fitted TargetEncoder of strings as one lookup over all its columns.

    Each value is prefixed with its column's number, so that one LabelEncoder can hold the categories of all.
    The converter of skl2onnx takes four operators a column, which cost more than the trees behind them.

    Raises:
        TrainingError: When it encodes anything but strings, or for more than two classes.
    """
    encoder, values = operator.raw_operator, operator.inputs[0]
    if not isinstance(values.type, StringTensorType) or encoder.target_type_ == "multiclass":
        raise TrainingError("Target encoding can be exported for strings and for one target only.")
    prefixes = [f"{position}:" for position in range(len(encoder.categories_))]
    prefix, keyed = scope.get_unique_variable_name("prefix"), scope.get_unique_variable_name("keyed")
    container.add_initializer(prefix, TensorProto.STRING, [1, len(prefixes)], [p.encode() for p in prefixes])
    container.add_node(
        "StringConcat",
        [prefix, values.full_name],
        keyed,
        name=scope.get_unique_operator_name("StringConcat"),
    )
    container.add_node(
        "LabelEncoder",
        [keyed],
        operator.outputs[0].full_name,
        op_domain="ai.onnx.ml",
        name=scope.get_unique_operator_name("LabelEncoder"),
        keys_strings=_keys(prefixes, encoder.categories_),
        values_floats=np.concatenate(encoder.encodings_).astype(np.float32).tolist(),
        default_float=float(encoder.target_mean_),
    )


def _keys(prefixes: list[str], categories: list[Any]) -> list[bytes]:
    return [
        f"{prefix}{value}".encode()
        for prefix, column in zip(prefixes, categories, strict=True)
        for value in column
    ]
