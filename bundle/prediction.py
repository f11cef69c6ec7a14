"""Prediction from the graph's output: tensor name, displayed number, threshold and golden comparison."""

import functools
import struct
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Task = Literal["binary", "multiclass", "regression"]

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
            _is_close(prediction[name], value) for name, value in golden.items()
        )


def output_name(task: Task) -> str:
    """Returns the name of the graph's output tensor.

    `value` of a regression has shape (rows, 1); `probabilities` of a classifier has shape (rows, labels).
    """
    return "value" if task == "regression" else "probabilities"


def displayed(number: float) -> float:
    """Rounds a float32 of the graph to the 7 significant digits that it holds: 0.63, not 0.6299999952."""
    return float(f"{number:.7g}")


@functools.lru_cache(maxsize=256)
def lowest_positive(threshold: float) -> float:
    """Returns the smallest float32 probability whose displayed value is at least the threshold.

    A binary model predicts the positive label for a probability `p` of its graph exactly if
    `p >= lowest_positive(threshold)`. The comparison holds for floats and for arrays, and agrees with a
    client that compares the displayed probability with the threshold itself.

    Args:
        threshold: From 0 to 1.
    """
    # Non-negative float32 values are ordered as their bit patterns are.
    low, high = 0, _bits(1.0)
    while low < high:
        middle = (low + high) // 2
        if displayed(_float32(middle)) >= threshold:
            high = middle
        else:
            low = middle + 1
    return _float32(low)


def _bits(number: float) -> int:
    (bits,) = struct.unpack("<I", struct.pack("<f", number))
    return int(bits)


def _float32(bits: int) -> float:
    (number,) = struct.unpack("<f", struct.pack("<I", bits))
    return float(number)


def _is_close(found: object, golden: object) -> bool:
    if isinstance(found, int | float) and isinstance(golden, int | float):
        # Seven digits of a number above 1,000 are coarser than the tolerance.
        return found == displayed(golden) or abs(found - golden) <= GOLDEN_TOLERANCE
    return found == golden
