"""Golden row: a request row, the prediction that the bundle must give for it, and their comparison."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bundle.predictions.threshold import displayed

# Largest difference between a golden number and the served one.
GOLDEN_TOLERANCE = 1e-4
# Members of a prediction that a golden row does not state.
_UNCHECKED = frozenset({"warnings", "interval"})


class Golden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Golden row: a request row and the prediction that the bundle must give for it."""

    instance: dict[str, Any]
    prediction: dict[str, Any]

    def matches(self, prediction: Mapping[Any, Any]) -> bool:
        """Returns whether a prediction has the golden labels, and the golden numbers to GOLDEN_TOLERANCE.

        Its warnings do not matter: a golden row may have few fields, or a probability near the threshold.
        The interval of a value follows from the manifest.
        """
        golden = self.prediction
        return prediction.keys() - _UNCHECKED == golden.keys() and all(
            is_close_to_golden(prediction[name], value) for name, value in golden.items()
        )


def is_close_to_golden(found: object, golden: object) -> bool:
    """Returns whether a value is the golden one; a number may differ by GOLDEN_TOLERANCE."""
    if isinstance(found, Mapping) and isinstance(golden, Mapping):
        return found.keys() == golden.keys() and all(
            is_close_to_golden(found[name], golden[name]) for name in golden
        )
    if isinstance(found, int | float) and isinstance(golden, int | float):
        # Seven digits of a number above 1,000 are coarser than the tolerance.
        return found == displayed(golden) or abs(found - golden) <= GOLDEN_TOLERANCE
    return found == golden
