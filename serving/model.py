"""The bundle's graph in ONNX Runtime: rows in, predictions out."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import onnxruntime

from bundle import Bundle, Columns
from serving.decode import Row

_ERRORS_ONLY = 3


class ModelError(Exception):
    """The model cannot be loaded or did not answer; the message is one sentence for the operator."""


class LabelPrediction(msgspec.Struct, frozen=True, gc=False):
    """The predicted class, with its probability or, for a binary model, with that of the positive label."""

    label: str
    probability: float


class ValuePrediction(msgspec.Struct, frozen=True, gc=False):
    """The predicted number, in the unit of the model's target."""

    value: float


Prediction = LabelPrediction | ValuePrediction


class Model:
    """A loaded model, on one thread."""

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        self._names = [field.name for field in manifest.fields]
        self._columns = Columns(manifest.fields)
        self._labels = manifest.labels
        self._threshold = 0.5 if manifest.threshold is None else manifest.threshold
        self._width = len(manifest.labels) or 1
        self._interpret = {
            "binary": self._binary,
            "multiclass": self._multiclass,
            "regression": self._regression,
        }[manifest.task]
        self._session = _open_session(bundle.model)
        self._outputs = ["value" if manifest.task == "regression" else "probabilities"]

    def predict(self, rows: Sequence[Row]) -> list[Prediction]:
        """One prediction a row, in the order of `rows`.

        Raises:
            ModelError: When the runtime refuses the rows or the graph's answer is not one number a class.
        """
        size = len(rows)
        columns = dict(zip(self._names, zip(*rows, strict=True), strict=True))
        tensors = self._columns.encode(columns, size)
        try:
            output = self._session.run(self._outputs, tensors)[0]
        except Exception as error:
            raise ModelError(f"The model failed: {_first_sentence(error)}.") from error
        if output.shape != (size, self._width):
            raise ModelError(f"The model answered {size} rows with a tensor of shape {output.shape}.")
        return [self._interpret(values) for values in output.tolist()]

    def _binary(self, probabilities: list[float]) -> Prediction:
        probability = probabilities[1]
        label = self._labels[probability >= self._threshold]
        return LabelPrediction(label, _shortest(probability))

    def _multiclass(self, probabilities: list[float]) -> Prediction:
        probability = max(probabilities)
        return LabelPrediction(self._labels[probabilities.index(probability)], _shortest(probability))

    def _regression(self, values: list[float]) -> Prediction:
        return ValuePrediction(_shortest(values[0]))


def _open_session(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(
            f"ONNX Runtime {onnxruntime.__version__} cannot load the bundle's model.onnx: "
            f"{_first_sentence(error)}."
        ) from error


def _shortest(number: float) -> float:
    # Seven digits are all that a 32-bit float holds: 0.63 rather than 0.6299999952316284.
    if not math.isfinite(number):
        raise ModelError(f"The model answered {number}, which is no prediction.")
    return float(f"{number:.7g}")


def _first_sentence(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
