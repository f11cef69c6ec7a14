"""The threshold rule, and displayed numbers."""

import struct

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bundle import displayed, displayed_array, lowest_positive

PROBABILITIES = st.floats(0, 1, width=32)
THRESHOLDS = st.floats(0, 1)


def float32_after(number: float, steps: int) -> float:
    """The float32 that is `steps` values above a non-negative one."""
    (bits,) = struct.unpack("<I", struct.pack("<f", number))
    (found,) = struct.unpack("<f", struct.pack("<I", max(bits + steps, 0)))
    return float(found)


@given(PROBABILITIES, THRESHOLDS)
def test_the_label_agrees_with_the_displayed_probability(probability: float, threshold: float) -> None:
    assert (probability >= lowest_positive(threshold)) == (displayed(probability) >= threshold)


@given(THRESHOLDS, st.integers(-3, 3))
def test_the_label_agrees_at_the_threshold(threshold: float, steps: int) -> None:
    probability = float32_after(lowest_positive(threshold), steps)
    assume(probability <= 1)

    assert (probability >= lowest_positive(threshold)) == (displayed(probability) >= threshold)


@given(PROBABILITIES, st.integers(-60, 60))
def test_a_probability_reaches_its_displayed_value(probability: float, steps: int) -> None:
    threshold = displayed(probability)
    near = float32_after(probability, steps)
    assume(near <= 1)

    assert probability >= lowest_positive(threshold)
    assert (near >= lowest_positive(threshold)) == (displayed(near) >= threshold)


@given(st.lists(PROBABILITIES, min_size=1), THRESHOLDS)
def test_float32_arrays_are_compared_as_single_numbers_are(
    probabilities: list[float], threshold: float
) -> None:
    lowest = lowest_positive(threshold)

    together = np.array(probabilities, dtype=np.float32) >= lowest

    assert together.tolist() == [probability >= lowest for probability in probabilities]


def test_a_probability_that_is_displayed_as_the_threshold_is_positive() -> None:
    below = float(np.float32(0.24999999))

    assert below < 0.25 == displayed(below)
    assert below >= lowest_positive(0.25)


@pytest.mark.parametrize(("threshold", "lowest"), [(0, 0.0), (1, 1.0), (0.5, 0.5)])
def test_thresholds_of_zero_and_one_are_reached(threshold: float, lowest: float) -> None:
    assert displayed(lowest_positive(threshold)) == lowest


@pytest.mark.parametrize(
    ("number", "shown"), [(0.6299999952316284, 0.63), (0.0, 0.0), (123456.7890625, 123456.8), (-1.5, -1.5)]
)
def test_a_number_is_displayed_in_seven_significant_digits(number: float, shown: float) -> None:
    assert displayed(number) == shown


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.lists(
        st.one_of(
            FINITE,
            st.floats(allow_nan=False, allow_infinity=False, width=32),
            PROBABILITIES,
            # Ties of the eighth digit, and numbers beside powers of ten.
            st.integers(1_000_000, 9_999_999).map(lambda digits: digits + 0.5),
            st.integers(-9, 9).map(lambda power: 10.0**power - 10.0 ** (power - 8)),
        ),
        max_size=20,
    )
)
def test_an_array_is_displayed_to_the_bit_as_its_numbers(numbers: list[float]) -> None:
    expected = np.array([displayed(number) for number in numbers], dtype=np.float64)

    assert displayed_array(np.array(numbers, dtype=np.float64)).tobytes() == expected.tobytes()
