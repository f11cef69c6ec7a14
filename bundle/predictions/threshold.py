"""Threshold rule: the number that a client sees, and the label that follows from it."""

import functools
import struct
from typing import Any

# Powers of ten up to this one are exact in float64.
_LARGEST_EXACT_POWER = 22
_POWERS = tuple(float(10**power) for power in range(_LARGEST_EXACT_POWER + 1))


def displayed(number: float) -> float:
    """Rounds a float32 of the graph to the 7 significant digits that it holds: 0.63, not 0.6299999952."""
    return float(f"{number:.7g}")


def displayed_array(numbers: Any) -> Any:
    """Rounds finite numbers as `displayed` does, all at once and to the same bits.

    A number is scaled to seven digits before its decimal point, where float64 has nine more; those within
    a millionth of a tie are rounded one by one.

    Args:
        numbers: Array of floats.

    Returns:
        Array of float64.
    """
    # Imported here, because most programs read a bundle without scoring and must start quickly.
    import numpy as np

    exact = np.asarray(numbers, dtype=np.float64)
    # Zero is rounded one by one too, so that its logarithm is not needed.
    size = np.where(exact == 0, 1.0, np.abs(exact))
    power = 6 - np.floor(np.log10(size)).astype(np.int64)
    # The logarithm of a number beside a power of ten may be that of the power.
    power -= _scaled(size, power) >= 1e7
    power += _scaled(size, power) < 1e6
    scaled = _scaled(exact, power)
    whole = np.rint(scaled)
    rounded = _scaled(whole, -power)
    unsure = (np.abs(power) > _LARGEST_EXACT_POWER) | (np.abs(scaled - whole) > 0.499999) | (exact == 0)
    for place in np.flatnonzero(unsure):
        rounded[place] = displayed(exact[place])
    return rounded


def _scaled(numbers: Any, power: Any) -> Any:
    """Multiplies numbers by powers of ten; divides by the opposite powers where they are negative."""
    import numpy as np

    powers = np.array(_POWERS)
    most = _LARGEST_EXACT_POWER
    if power.min(initial=0) >= 0:
        return numbers * powers[np.minimum(power, most)]
    if power.max(initial=0) <= 0:
        return numbers / powers[np.minimum(-power, most)]
    return numbers * powers[np.clip(power, 0, most)] / powers[np.clip(-power, 0, most)]


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
