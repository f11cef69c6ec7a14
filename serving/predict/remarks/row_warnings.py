"""Warnings of predictions: unfamiliar values, little knowledge, and a probability near the threshold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bundle import Manifest, Reference
from serving.predict.options import Options
from serving.predict.prediction import Prediction, RowWarning
from serving.predict.remarks.unfamiliar_values import FoundWarnings, ValueChecker
from serving.rows.request_rows import RequestRows

_LITTLE = RowWarning(
    "little_known", None, "None of the optional fields is given: the model knows the required fields only."
)


class WarningFinder:
    """Adds warnings to the predictions of one model.

    Args:
        manifest: Manifest of the model.
        reference: The values that its training saw.
    """

    def __init__(self, manifest: Manifest, reference: Reference) -> None:
        used = [field for field in manifest.fields if not field.ignored]
        self._values = ValueChecker(used, reference)
        self._optional = [field.name for field in used if not field.required]
        self._noise = reference.noise or 0.0
        # A regression has no threshold, and a model that was fitted once says nothing of noise.
        self._has_noise = reference.noise is not None
        self._threshold = manifest.threshold or 0.0
        self._unsure = _around(self._threshold, self._noise)

    def add(
        self,
        predictions: Sequence[Any],
        rows: RequestRows,
        tensors: Mapping[str, Any],
        options: Options,
    ) -> Sequence[Prediction]:
        """Returns the predictions, with warnings where there are some.

        Args:
            predictions: One for each of the rows.
            rows: Valid rows; the values of familiar rows are not checked.
            tensors: Input tensors of the rows.
            options: Options of the request.
        """
        # Of most rows this is all: their values are familiar, and their probabilities far from the threshold.
        low, high = self._unsure if options.threshold is None else _around(options.threshold, self._noise)
        near = self._has_noise and _any_within(predictions, low, high)
        if rows.familiar and not near:
            return predictions
        found: FoundWarnings = defaultdict(list)
        if not rows.familiar:
            found = self._values.find(rows.columns, tensors)
            for position in self._little_known(rows):
                found[position].append(_LITTLE)
        for position, one in enumerate(predictions) if near else ():
            if low <= one.probability <= high:
                found[position].append(self._near(one, options))
        if not found:
            return predictions
        return [
            msgspec.structs.replace(one, warnings=found[position]) if position in found else one
            for position, one in enumerate(predictions)
        ]

    def _little_known(self, rows: RequestRows) -> Sequence[int]:
        """Returns the positions of the rows without any optional field, in a model that has some."""
        little: Sequence[int] = range(rows.size) if self._optional else ()
        for name in self._optional:
            column = rows.columns.get(name)
            if column is None:
                continue
            # Few columns are searched: most rows have one of the first optional fields.
            little = [position for position in little if column[position] is None] if None in column else ()
            if not little:
                break
        return little

    def _near(self, prediction: Any, options: Options) -> RowWarning:
        threshold = self._threshold if options.threshold is None else options.threshold
        sentence = (
            f"The probability {prediction.probability:.3g} is within {self._noise:.2g} of the threshold "
            f"{threshold:.3g}: a model trained on slightly other rows could predict the other label."
        )
        return RowWarning("near_threshold", None, sentence)


def _any_within(predictions: Sequence[Any], low: float, high: float) -> bool:
    # For one prediction half of the time of any().
    for one in predictions:  # noqa: SIM110
        if low <= one.probability <= high:
            return True
    return False


def _around(threshold: float, noise: float) -> tuple[float, float]:
    return threshold - noise, threshold + noise
