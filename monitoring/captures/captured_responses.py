"""Predictions of captured responses: JSON, JSON Lines and CSV."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from monitoring.captures.capture_record import CapturedBody
from serving.predict.media_type import CSV_TYPE, JSON_LINES_TYPES
from serving.problem import MEDIA_TYPE

# Label of a multiclass model; probability of the positive label of a binary one; value of a regression.
# None in the place of an invalid row.
PredictedValue = float | str | None


class _Model(msgspec.Struct, frozen=True):
    name: str = ""
    version: str = ""


class _Prediction(msgspec.Struct, frozen=True):
    label: str | None = None
    probability: float | None = None
    value: float | None = None


class _Response(msgspec.Struct, frozen=True):
    predictions: list[_Prediction]
    model: _Model = _Model()


class ResponsePredictions(NamedTuple):
    """Predictions of a response in the order of the request's rows, with the model that made them.

    Attributes:
        values: One for each row of the request.
        model: Name of the model; "" when the format of the response does not state it.
        version: Version of the model; "" likewise.
    """

    values: Sequence[PredictedValue]
    model: str = ""
    version: str = ""


class CapturedResponseReader:
    """Reads the predictions of captured responses of one model.

    Args:
        task: Task of the model.
    """

    def __init__(self, task: str) -> None:
        self._task = task
        self._response = msgspec.json.Decoder(_Response)
        self._line = msgspec.json.Decoder(_Prediction)

    def read(self, body: CapturedBody, *, rows: int) -> ResponsePredictions | None:
        """Returns the predictions of a response to a request of so many rows; None when it has others."""
        media_type = body.content_type.partition(";")[0].strip().lower()
        try:
            if media_type == CSV_TYPE:
                found = self._csv(body.data, rows)
            elif media_type in JSON_LINES_TYPES:
                found = self._json_lines(body.data)
            else:
                found = self._json(body.data)
        except (ValueError, IndexError, csv.Error):
            return None
        return found if len(found.values) == rows else None

    def _json(self, data: bytes) -> ResponsePredictions:
        found = self._response.decode(data)
        return ResponsePredictions(
            [self._value(one) for one in found.predictions], found.model.name, found.model.version
        )

    def _json_lines(self, data: bytes) -> ResponsePredictions:
        return ResponsePredictions([self._value(self._line.decode(line)) for line in data.splitlines()])

    def _csv(self, data: bytes, rows: int) -> ResponsePredictions:
        records = [*csv.reader(io.StringIO(data.decode(), newline=""), strict=True)]
        # A response has a header line unless the client declined it.
        return ResponsePredictions([self._cell(record) for record in records[len(records) - rows :]])

    def _value(self, one: _Prediction) -> PredictedValue:
        match self._task:
            case "binary":
                return one.probability
            case "multiclass":
                return one.label
        return one.value

    def _cell(self, record: Sequence[str]) -> PredictedValue:
        # Columns are label and probability, or value: an invalid row has none of them.
        text = record[1 if self._task == "binary" else 0]
        if self._task == "multiclass":
            return text or None
        return float(text) if text else None


def is_refusal(body: CapturedBody) -> bool:
    """Returns whether a response is a problem document."""
    return body.content_type.partition(";")[0].strip().lower().encode() == MEDIA_TYPE
