"""Predictions as a response body: JSON or CSV."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from bundle import Manifest
from serving.predict.call import Call
from serving.predict.media_type import CSV
from serving.predict.predictions import ClassPrediction, Prediction
from serving.rows.rows import WrongRow

Outcome = Prediction | WrongRow

_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class _Answer(msgspec.Struct, frozen=True, gc=False):
    predictions: Sequence[Outcome]
    model: msgspec.Raw


class AnswerWriter:
    """Writes the response bodies of one model.

    Attributes:
        identity: Name and version of the model, as JSON.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._labels = manifest.labels
        self._columns = ["label", "probability"] if manifest.labels else ["value"]
        self.identity = msgspec.Raw(_encode({"name": manifest.name, "version": manifest.version}))

    def write(self, outcomes: Sequence[Outcome], call: Call) -> bytes:
        """The response body of a call.

        Args:
            outcomes: In the order of the request's rows.
            call: What the client wants.
        """
        if call.accept.media_type == CSV:
            return self._table(outcomes, call).encode()
        return _encode(_Answer(outcomes, self.identity))

    def _table(self, outcomes: Sequence[Outcome], call: Call) -> str:
        names = list(self._columns)
        if call.options.probabilities:
            names += [f"probability_{label}" for label in self._labels]
        text = io.StringIO()
        writer = csv.writer(text)
        if call.accept.header:
            writer.writerow([*names, "error"] if call.options.skip else names)
        end = ("",) if call.options.skip else ()
        empty = [""] * len(names)
        for outcome in outcomes:
            if isinstance(outcome, WrongRow):
                writer.writerow([*empty, _sentence(outcome)])
            else:
                writer.writerow([*_cells(outcome), *end])
        return text.getvalue()


def _cells(prediction: Prediction) -> Sequence[Any]:
    if isinstance(prediction, ClassPrediction):
        return [prediction.label, prediction.probability, *prediction.probabilities.values()]
    return astuple(prediction)


def _sentence(row: WrongRow) -> str:
    faults = [f"{fault.field} {fault.rule}" if fault.field else fault.rule for fault in row.errors]
    return "; ".join([*faults, *([f"and {row.more} more"] if row.more else [])])
