"""Threshold rule: the number that a client sees, and the label that follows from it."""

import functools
import struct


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
