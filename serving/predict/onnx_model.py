"""ONNX Runtime model: encodes rows as tensors, runs the graph, and interprets its output as predictions."""

import math
from collections.abc import Mapping
from typing import Any

import onnxruntime

from bundle import (
    EXECUTION_PROVIDERS,
    Bundle,
    Columns,
    configure_session,
    displayed,
    lowest_positive,
    output_name,
)
from serving.predict.options import NO_OPTIONS, Options
from serving.predict.prediction import (
    ClassPrediction,
    LabelPrediction,
    Prediction,
    ValuePrediction,
    ValueRange,
)
from serving.rows.request_rows import RequestRows, Row


class ModelError(Exception):
    """The model cannot be loaded or a run failed; the message is one sentence for the operator."""


class OnnxModel:
    """A bundle's graph in an ONNX Runtime session with one thread."""

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        self._columns = Columns(manifest.fields)
        self._labels = manifest.labels
        self._threshold = 0.5 if manifest.threshold is None else manifest.threshold
        self._interval = manifest.interval or None
        self._width = len(manifest.labels) or 1
        self._interpret = {
            "binary": self._binary,
            "multiclass": self._multiclass,
            "regression": self._regression,
        }[manifest.task]
        self._session = open_session(bundle.model)
        self._outputs = [output_name(manifest.task)]

    def encode(self, rows: RequestRows) -> dict[str, Any]:
        """Returns the input tensors of rows."""
        return self._columns.encode(rows.columns, rows.size)

    def encode_row(self, row: Row) -> dict[str, Any]:
        """Returns the input tensors of one row."""
        return self._columns.encode_row(row)

    def predict(
        self, tensors: Mapping[str, Any], size: int, options: Options = NO_OPTIONS
    ) -> list[Prediction]:
        """Returns one prediction for each of `size` rows, given their tensors.

        Raises:
            ModelError: When ONNX Runtime fails, or its output has a wrong shape or is not finite.
        """
        output = self.run(tensors, size).tolist()
        predictions = self._interpret(output, options)
        if options.probabilities:
            return [self._with_all(found, row) for found, row in zip(predictions, output, strict=True)]
        return predictions

    def run(self, tensors: Mapping[str, Any], size: int) -> Any:
        """Returns the graph's output for `size` rows: (size, labels) probabilities, or (size, 1) values.

        Raises:
            ModelError: When ONNX Runtime fails, or its output has a wrong shape.
        """
        try:
            output = self._session.run(self._outputs, tensors)[0]
        except Exception as error:
            raise ModelError(f"The model failed: {first_line(error)}.") from error
        if output.shape != (size, self._width):
            raise ModelError(f"The model answered {size} rows with a tensor of shape {output.shape}.")
        return output

    def _binary(self, rows: list[list[float]], options: Options) -> list[Prediction]:
        lowest = lowest_positive(self._threshold if options.threshold is None else options.threshold)
        labels = self._labels
        return [LabelPrediction(labels[p >= lowest], _finite(p)) for _, p in rows]

    def _multiclass(self, rows: list[list[float]], _options: Options) -> list[Prediction]:
        best = [max(row) for row in rows]
        return [
            LabelPrediction(self._labels[row.index(probability)], _finite(probability))
            for row, probability in zip(rows, best, strict=True)
        ]

    def _regression(self, rows: list[list[float]], _options: Options) -> list[Prediction]:
        interval = self._interval
        if interval is None:
            return [ValuePrediction(_finite(value)) for (value,) in rows]
        return [
            ValuePrediction(_finite(value), ValueRange(*map(displayed, interval.ends(value))))
            for (value,) in rows
        ]

    def _with_all(self, found: Any, row: list[float]) -> Prediction:
        every = dict(zip(self._labels, map(_finite, row), strict=True))
        return ClassPrediction(found.label, found.probability, every)


def open_session(model: bytes, name: str = "model.onnx") -> Any:
    """Opens an ONNX Runtime session with one thread on a graph of a bundle.

    Raises:
        ModelError: When ONNX Runtime cannot load the graph; the message calls it `name`.
    """
    options = configure_session(onnxruntime.SessionOptions())
    try:
        return onnxruntime.InferenceSession(model, options, providers=EXECUTION_PROVIDERS)
    except Exception as error:
        raise ModelError(
            f"ONNX Runtime {onnxruntime.__version__} cannot load the bundle's {name}: {first_line(error)}."
        ) from error


def _finite(number: float) -> float:
    """Returns the displayed number; raises ModelError when it is not finite."""
    if not math.isfinite(number):
        raise ModelError(f"The model answered {number}, which is not a finite number.")
    return displayed(number)


def first_line(error: Exception) -> str:
    """Returns the first line of an error of ONNX Runtime, without its full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")
