"""Predictor: one loaded bundle, which turns a request body into a response body without HTTP."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from bundle import Bundle, read_directory
from bundle.reference.familiar_fields import familiar_fields
from serving.predict.csv_response import CsvWriter, Outcome
from serving.predict.media_type import CSV_TYPE, JSON_LINES_TYPES, JSON_TYPE
from serving.predict.onnx_model import ModelError, OnnxModel
from serving.predict.options import NO_OPTIONS, Options
from serving.predict.prediction import Prediction
from serving.predict.remarks.quantiles import QuantileModel
from serving.predict.remarks.reasons import Explainer, check_explained
from serving.predict.remarks.row_warnings import WarningFinder
from serving.predict.request import JSON_REQUEST, ParameterReader, RequestParameters
from serving.predict.strict_requests import refuse_warned
from serving.problem import Problem
from serving.rows.csv_rows import CsvDecoder, csv_text
from serving.rows.json_lines import JsonLinesDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.request_rows import RequestRows, Row
from serving.rows.row_validator import RowValidator

logger = logging.getLogger("serving")

# Stands for one familiar row, whose values nothing reads.
_FAMILIAR = RequestRows({}, 1, familiar=True)

_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class _JsonResponse(msgspec.Struct, frozen=True, gc=False):
    predictions: Sequence[Outcome]
    model: msgspec.Raw


class Predictor:
    """Answers request bodies with a loaded bundle.

    Attributes:
        parameters: Reader of the parameters of requests.
        identity: Name and version of the model, as JSON.
        name: Name of the model.
        version: Version of the model.
        csv: Decoder of CSV.
        json_lines: Decoder of JSON Lines.
        csv_writer: Writer of CSV.
        fields: Fields of a row.
        golden: Rows with the prediction that the model must give them.
        validator: Validator of rows.
    """

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        self.validator = validator = RowValidator(manifest.fields)
        self.csv = CsvDecoder(manifest.fields, validator)
        reference = manifest.reference or None
        familiar = reference and familiar_fields(manifest.fields, reference)
        self._json = JsonDecoder(manifest.fields, self.csv, validator, familiar)
        self._warnings = reference and WarningFinder(manifest, reference)
        self.json_lines = JsonLinesDecoder(self._json, validator)
        self._model = OnnxModel(bundle)
        self.csv_writer = CsvWriter(manifest)
        self._explainer = reference and Explainer(manifest, reference, self._model)
        self.golden = manifest.golden
        stated = manifest.quantiles
        self._quantiles = QuantileModel(bundle, stated) if stated else None
        self.fields = manifest.fields
        self.parameters = ParameterReader(manifest)
        self.identity = msgspec.Raw(_encode({"name": manifest.name, "version": manifest.version}))
        self.name = manifest.name
        self.version = manifest.version

    @classmethod
    def load(cls, path: Path) -> Self:
        """Loads the unpacked bundle at `path`.

        Raises:
            BundleError: When the folder is not a valid bundle.
            ModelError: When ONNX Runtime cannot load the graph.
        """
        return cls(read_directory(path))

    def answer(self, body: bytes, parameters: RequestParameters = JSON_REQUEST) -> bytes:
        """Predicts every row of a request body and returns the response body.

        Args:
            body: Body of the request.
            parameters: Formats and options of the request; JSON without options by default.

        Raises:
            Problem: When the request is wrong.
            ModelError: When the model fails on the rows.
        """
        rows = self.decode(body, parameters)
        return self.write(self.predict(rows, parameters.options), rows, parameters)

    def decode(self, body: bytes, parameters: RequestParameters) -> RequestRows:
        """Decodes and validates the rows of a request body.

        Raises:
            Problem: When the request is wrong.
        """
        rows = self._decoded(body, parameters)
        if parameters.options.reasons:
            check_explained(rows.size)
        return rows

    def _decoded(self, body: bytes, parameters: RequestParameters) -> RequestRows:
        skip = parameters.options.skip
        if parameters.content.media_type == CSV_TYPE:
            return self.csv.decode(csv_text(body), header=parameters.content.header, skip=skip)
        if parameters.content.media_type in JSON_LINES_TYPES:
            return self.json_lines.decode(body, skip=skip)
        return self._json.decode(body, skip=skip)

    def decode_row(self, body: bytes, parameters: RequestParameters) -> tuple[Row, bool] | None:
        """Decodes a body that is one valid JSON row, and says whether it is familiar.

        Returns None for any other body, which `decode` reads.

        Raises:
            Problem: 400 when the row contains one name twice.
        """
        return self._json.decode_row(body) if parameters.content.media_type == JSON_TYPE else None

    def columns(self, rows: Sequence[Row], *, familiar: bool = False) -> RequestRows:
        """Converts rows of `decode_row`, all of them `familiar` or not, to the argument of `predict`."""
        return self._json.columns(rows, familiar=familiar)

    def predict(self, rows: RequestRows, options: Options) -> Sequence[Prediction]:
        """Returns one prediction per row, with its warnings, and the additions that the options ask for.

        Raises:
            ModelError: When the model fails on the rows.
        """
        if not rows.size:
            return []
        tensors = self._model.encode(rows)
        predictions: Sequence[Prediction] = self._model.predict(tensors, rows.size, options)
        if self._quantiles and options.quantiles:
            predictions = self._quantiles.add(predictions, tensors, rows.size)
        if self._warnings is None or self._explainer is None:
            return predictions
        if options.reasons:
            predictions = self._explainer.add(predictions, rows, tensors, options.reasons)
        return self._warnings.add(predictions, rows, tensors, options)

    def predict_row(self, row: Row, options: Options, *, familiar: bool) -> Sequence[Prediction]:
        """Returns the prediction of one row of `decode_row`, as `predict` does.

        Raises:
            ModelError: When the model fails on the row.
        """
        warnings = self._warnings
        if options.reasons or options.quantiles or (warnings and not familiar):
            return self.predict(self.columns([row], familiar=familiar), options)
        tensors = self._model.encode_row(row)
        predictions: Sequence[Prediction] = self._model.predict(tensors, 1, options)
        return predictions if warnings is None else warnings.add(predictions, _FAMILIAR, tensors, options)

    def predict_plain(self, rows: RequestRows) -> Sequence[Prediction]:
        """Returns one prediction per row, without its warnings.

        Raises:
            ModelError: When the model fails on the rows.
        """
        return self._model.predict(self._model.encode(rows), rows.size, NO_OPTIONS) if rows.size else []

    def write(
        self, predictions: Sequence[Prediction], rows: RequestRows | None, parameters: RequestParameters
    ) -> bytes:
        """Encodes the response body.

        Args:
            predictions: One per valid row.
            rows: Rows of the request; None when none of them is invalid.
            parameters: Of the request.

        Raises:
            Problem: 422 when a row has a warning and the request is strict.
        """
        outcomes = outcomes_of(predictions, rows, parameters.options)
        if parameters.accept.media_type == CSV_TYPE:
            return self.csv_writer.write(outcomes, parameters)
        if parameters.accept.media_type in JSON_LINES_TYPES:
            # A line end after the last line, so that answers of a batch can be joined.
            return b"".join([_encode(outcome) + b"\n" for outcome in outcomes])
        return _encode(_JsonResponse(outcomes, self.identity))


def problem_of(error: Exception) -> Problem:
    """Returns the problem document for an exception that a request raised.

    Logs every error that the client did not cause, and gives the client no detail of it.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, ModelError):
        logger.warning("A request failed: %s", error)
    else:
        logger.error("A request failed", exc_info=error)
    return Problem(500, "The model failed on this request; its log says why.")


def outcomes_of(
    predictions: Sequence[Outcome], rows: RequestRows | None, options: Options
) -> Sequence[Outcome]:
    """Returns the result of every row of a request, in order.

    Args:
        predictions: The result of each valid row.
        rows: Rows of the request; None when none of them is invalid.
        options: Of the request.

    Raises:
        Problem: 422 when a row has a warning and the request is strict.
    """
    outcomes = _with_invalid(predictions, rows) if rows is not None and rows.invalid else predictions
    return refuse_warned(outcomes, skip=options.skip) if options.strict else outcomes


def _with_invalid(predictions: Sequence[Outcome], rows: RequestRows) -> list[Outcome]:
    outcomes: list[Outcome] = [*predictions]
    # Positions are ascending, so each insertion restores the order of the request.
    for position, invalid in rows.invalid.items():
        outcomes.insert(position, invalid)
    return outcomes
