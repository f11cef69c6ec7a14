"""CSV response body: predictions and row errors as lines (RFC 4180)."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from msgspec.structs import astuple

from bundle import Manifest
from serving.predict.onnx_model import ClassPrediction, LabelPrediction, Prediction, ValuePrediction
from serving.predict.request import RequestParameters
from serving.rows.request_rows import InvalidRow

# Result of one row of the request.
Outcome = Prediction | InvalidRow


class CsvWriter:
    """Writes the CSV response bodies of one model."""

    def __init__(self, manifest: Manifest) -> None:
        self._labels = manifest.labels
        prediction = LabelPrediction if manifest.labels else ValuePrediction
        self._columns = prediction.__struct_fields__

    def write(self, outcomes: Sequence[Outcome], parameters: RequestParameters) -> bytes:
        """Writes a header line, unless the client declined it, and one line per outcome.

        Args:
            outcomes: In the order of the request's rows.
            parameters: Of the request. With `skip`, a last column has the errors of invalid rows.
        """
        names = [*self._columns]
        if parameters.options.probabilities:
            names += [f"probability_{label}" for label in self._labels]
        text = io.StringIO()
        writer = csv.writer(text)
        if parameters.accept.header:
            writer.writerow([*names, "error"] if parameters.options.skip else names)
        no_error = ("",) if parameters.options.skip else ()
        empty = [""] * len(names)
        for outcome in outcomes:
            if isinstance(outcome, InvalidRow):
                writer.writerow([*empty, _error_text(outcome)])
            else:
                writer.writerow([*_cells(outcome), *no_error])
        return text.getvalue().encode()


def _cells(prediction: Prediction) -> Sequence[Any]:
    if isinstance(prediction, ClassPrediction):
        return [prediction.label, prediction.probability, *prediction.probabilities.values()]
    return astuple(prediction)


def _error_text(row: InvalidRow) -> str:
    errors = [f"{error.field} {error.rule}" if error.field else error.rule for error in row.errors]
    return "; ".join([*errors, *([f"and {row.more} more"] if row.more else [])])
