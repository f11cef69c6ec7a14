"""CSV response body: predictions and row errors as lines (RFC 4180)."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from bundle import Manifest
from serving.predict.prediction import ClassPrediction, Prediction, RowWarning, ValuePrediction
from serving.predict.request import RequestParameters
from serving.rows.request_rows import InvalidRow

# Result of one row of the request.
Outcome = Prediction | InvalidRow


class CsvWriter:
    """Writes the CSV response bodies of one model.

    Attributes:
        columns: Names of the columns of a prediction without options.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._labels = manifest.labels
        interval = ("low", "high") if manifest.interval else ()
        self.columns = ("label", "probability") if manifest.labels else ("value", *interval)
        self._quantiles = manifest.quantiles.columns if manifest.quantiles else ()

    def write(self, outcomes: Sequence[Outcome], parameters: RequestParameters) -> bytes:
        """Writes a header line, unless the client declined it, and one line per outcome.

        Args:
            outcomes: In the order of the request's rows.
            parameters: Of the request. Its options and its outcomes add columns in this order: the
                probability of every label, the quantiles of the second target, `reasons`, `warnings` (if a
                row has some and there is a header line), and `error` (with `skip`).
        """
        names = self._names(parameters)
        warned = parameters.accept.header is True and any(getattr(one, "warnings", None) for one in outcomes)
        names += ["warnings"] if warned else []
        text = io.StringIO()
        writer = csv.writer(text)
        if parameters.accept.header:
            writer.writerow([*names, "error"] if parameters.options.skip else names)
        explained = parameters.options.reasons > 0
        no_error = ("",) if parameters.options.skip else ()
        empty = [""] * len(names)
        for outcome in outcomes:
            if isinstance(outcome, InvalidRow):
                writer.writerow([*empty, _error_text(outcome)])
            else:
                warnings = (warning_text(outcome.warnings or ()),) if warned else ()
                reasons = (reason_text(outcome),) if explained else ()
                cells = [*prediction_cells(outcome), *quantile_cells(outcome)]
                writer.writerow([*cells, *reasons, *warnings, *no_error])
        return text.getvalue().encode()

    def write_lines(
        self, outcomes: Sequence[Outcome], parameters: RequestParameters, *, header: bool
    ) -> bytes:
        """Writes exactly one line per outcome, with the columns of `write` but without warnings.

        Args:
            outcomes: In the order of the request's rows.
            parameters: Of the request.
            header: Whether to write a header line first.
        """
        names = self._names(parameters)
        text = io.StringIO()
        # SageMaker joins input and output of a batch transform job line by line, at "\n".
        writer = csv.writer(text, lineterminator="\n")
        if header:
            writer.writerow([*names, "error"] if parameters.options.skip else names)
        no_error = ("",) if parameters.options.skip else ()
        empty = [""] * len(names)
        for outcome in outcomes:
            if isinstance(outcome, InvalidRow):
                writer.writerow([*empty, " ".join(_error_text(outcome).split())])
            else:
                reasons = (reason_text(outcome),) if parameters.options.reasons else ()
                writer.writerow([*prediction_cells(outcome), *quantile_cells(outcome), *reasons, *no_error])
        return text.getvalue().encode()

    def _names(self, parameters: RequestParameters) -> list[str]:
        names = [*self.columns]
        if parameters.options.probabilities:
            names += [f"probability_{label}" for label in self._labels]
        if parameters.options.quantiles:
            names += self._quantiles
        return [*names, "reasons"] if parameters.options.reasons else names


def prediction_cells(prediction: Prediction) -> Sequence[Any]:
    """Returns the cells of a prediction, in the order of `CsvWriter.columns` and of all probabilities."""
    if isinstance(prediction, ClassPrediction):
        return [prediction.label, prediction.probability, *prediction.probabilities.values()]
    if isinstance(prediction, ValuePrediction):
        interval = prediction.interval
        return (prediction.value, interval.low, interval.high) if interval else (prediction.value,)
    return (prediction.label, prediction.probability)


def quantile_cells(prediction: Prediction) -> Sequence[float]:
    """Returns the cells of the quantiles, in the order of `Quantiles.columns`; none without them."""
    found = prediction.quantiles
    return (found.low, found.median, found.high) if found else ()


def reason_text(prediction: Prediction) -> str:
    """Returns baseline and contributions, such as "baseline 0.21; origin +0.03; rest -0.004"."""
    parts = [f"baseline {prediction.baseline}"]
    parts += [f"{reason.field} {reason.contribution:+}" for reason in prediction.reasons or ()]
    parts += [f"rest {prediction.rest:+}"] if prediction.rest is not UNSET else []
    return "; ".join([*parts, *([f"error {prediction.reasons_error}"] if prediction.reasons_error else [])])


def warning_text(warnings: Sequence[RowWarning]) -> str:
    """Returns the sentences of warnings, after the names of their fields."""
    return "; ".join(f"{one.field}: {one.sentence}" if one.field else one.sentence for one in warnings)


def _error_text(row: InvalidRow) -> str:
    errors = [f"{error.field} {error.rule}" if error.field else error.rule for error in row.errors]
    return "; ".join([*errors, *([f"and {row.more} more"] if row.more else [])])
