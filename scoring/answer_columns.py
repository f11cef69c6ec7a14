"""Answers of a model to read rows, as Arrow columns."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from bundle import Bundle, displayed_array, lowest_positive
from scoring.errors import ScoringError
from scoring.fields.record_reader import ReadRecords
from scoring.graph_runs.row_deduplication import RepeatedRows, used_numbers
from scoring.graph_runs.row_order import RowOrder
from serving.predict.csv_response import reason_text, warning_text
from serving.predict.onnx_model import ModelError, OnnxModel
from serving.predict.options import Options
from serving.predict.prediction import LabelPrediction, Prediction, ValuePrediction
from serving.predict.remarks.quantiles import QuantileModel
from serving.predict.remarks.reasons import Explainer
from serving.predict.remarks.row_warnings import WarningFinder
from serving.rows.request_rows import RequestRows

# Rows of one run of the graph: its intermediate tensors fit in the processor's cache.
_ROWS_A_RUN = 1 << 13


class AnswerOptions(NamedTuple):
    """Options of the answers.

    Attributes:
        reasons: Most reasons of each answer; 0 for no column of reasons.
        warnings: Whether there is a column of warnings.
        prefix: Beginning of the names of the answers' columns.
        quantiles: Whether there are columns of the quantiles of the second target.
    """

    reasons: int = 0
    warnings: bool = False
    prefix: str = ""
    quantiles: bool = False


class Answerer:
    """Answers rows with a bundle's graph; several threads may use it.

    Args:
        bundle: The bundle.
        options: Options of the answers.

    Attributes:
        schema: Names and types of the answers' columns.

    Raises:
        ScoringError: When the options need a reference or quantiles that the bundle lacks.
    """

    def __init__(self, bundle: Bundle, options: AnswerOptions) -> None:
        manifest = bundle.manifest
        self._options = options
        self._labels = pa.array(manifest.labels, pa.string())
        self._binary = manifest.task == "binary"
        self._threshold = 0.5 if manifest.threshold is None else manifest.threshold
        self._interval = manifest.interval or None
        self._model = OnnxModel(bundle)
        used = used_numbers(bundle.model)
        self._repeated = None if used is None else RepeatedRows(manifest.fields, used)
        self._order = None if used is None else RowOrder(bundle.model, manifest.fields)
        reference = manifest.reference or None
        if reference is None and (options.reasons or options.warnings):
            raise ScoringError(
                "The bundle does not say what its training saw, which reasons and warnings need: train the "
                "model again, or leave out --reasons and --warnings."
            )
        self._explainer = Explainer(manifest, reference, self._model) if reference else None
        self._warnings = WarningFinder(manifest, reference) if reference else None
        self._quantiles = _quantile_model(bundle) if options.quantiles else None
        numbers = ("value", "low", "high") if self._interval else ("value",)
        columns = [("label", pa.string()), ("probability", pa.float64())]
        if not manifest.labels:
            columns = [(name, pa.float64()) for name in numbers]
        if self._quantiles and manifest.quantiles:
            columns += [(name, pa.float64()) for name in manifest.quantiles.columns]
        columns += [("reasons", pa.string())] if options.reasons else []
        columns += [("warnings", pa.string())] if options.warnings else []
        self.schema = pa.schema([(options.prefix + name, kind) for name, kind in columns])

    def answer(self, read: ReadRecords) -> list[pa.Array]:
        """Returns the columns of answers, null for the rows that are not valid.

        Raises:
            ModelError: When the model fails on the rows.
        """
        rows = np.flatnonzero(read.valid)

        def run(some: Any) -> Any:
            return self._run(read, some)

        repeated = self._repeated
        output = repeated.outputs(read, rows, run) if repeated and repeated.is_worthwhile else run(rows)
        columns = self._interpret(output)
        if self._quantiles:
            found = _in_runs(self._quantiles.run, read, rows, width=3)
            columns += [pa.array(displayed_array(column)) for column in found.T]
        if self._options.reasons or self._options.warnings:
            columns += self._remarks(columns, read, rows)
        if len(rows) == len(read.valid):
            return columns
        places = pa.array(np.cumsum(read.valid) - 1, mask=~read.valid)
        return [column.take(places) for column in columns]

    def _run(self, read: ReadRecords, rows: Any) -> Any:
        width = len(self._labels) or 1
        if not self._order:
            return _in_runs(self._model.run, read, rows, width=width)
        order = self._order.of(read, rows)
        output = _in_runs(self._model.run, read, rows.take(order), width=width)
        whole = np.empty_like(output)
        whole[order] = output
        return whole

    def _interpret(self, output: Any) -> list[pa.Array]:
        if not len(self._labels):
            values = output[:, 0].astype(np.float64)
            ends = self._interval.ends(values) if self._interval else ()
            return [pa.array(displayed_array(one)) for one in (values, *ends)]
        if self._binary:
            probability = output[:, 1].astype(np.float64)
            codes = (probability >= lowest_positive(self._threshold)).astype(np.int8)
        else:
            codes = output.argmax(axis=1).astype(np.int32)
            probability = output.max(axis=1)
        label = pa.DictionaryArray.from_arrays(pa.array(codes), self._labels)
        return [label, pa.array(displayed_array(probability))]

    def _remarks(self, columns: Sequence[pa.Array], read: ReadRecords, positions: Any) -> list[pa.Array]:
        found: Sequence[Prediction]
        if len(self._labels):
            pairs = zip(columns[0].to_pylist(), columns[1].to_pylist(), strict=True)
            found = [LabelPrediction(label, probability) for label, probability in pairs]
        else:
            found = [ValuePrediction(value) for value in columns[0].to_pylist()]
        rows, tensors = RequestRows(read.request_columns(), len(positions)), read.tensors(positions)
        options = Options(reasons=self._options.reasons)
        remarks = []
        if self._explainer and options.reasons:
            found = self._explainer.add(found, rows, tensors, options.reasons)
            remarks.append(pa.array([reason_text(one) for one in found], pa.string()))
        if self._warnings and self._options.warnings:
            found = self._warnings.add(found, rows, tensors, options)
            texts = [warning_text(one.warnings) if one.warnings else None for one in found]
            remarks.append(pa.array(texts, pa.string()))
        return remarks


def _quantile_model(bundle: Bundle) -> QuantileModel:
    if not bundle.manifest.quantiles:
        raise ScoringError(
            "The bundle has no second target, of which --quantiles adds a median and a range: leave it out, "
            "or choose a model that has one."
        )
    return QuantileModel(bundle, bundle.manifest.quantiles)


def _in_runs(run: Callable[[Any, int], Any], read: ReadRecords, rows: Any, *, width: int) -> Any:
    """Returns the output of a graph for some rows, float32 of shape (rows, width)."""
    parts = []
    for start in range(0, len(rows), _ROWS_A_RUN):
        some = rows[start : start + _ROWS_A_RUN]
        parts.append(run(read.tensors(some), len(some)))
    output = np.concatenate(parts) if parts else np.empty((0, width), np.float32)
    if not np.isfinite(output).all():
        raise ModelError("The model answered a row with a number that is not finite.")
    return output
