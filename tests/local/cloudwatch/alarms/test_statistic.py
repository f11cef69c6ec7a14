"""Statistics of values, beside those of MiniStack."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import cloudwatch

from local.cloudwatch.alarms.statistic import statistic_of

STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p0", "p50", "p99.9", "p100")


def points_strategy() -> st.SearchStrategy[list[dict[str, Any]]]:
    number = st.floats(-10, 1_000)
    plain = st.fixed_dictionaries({"Value": number})
    counted = st.fixed_dictionaries({"Value": number, "Count": st.floats(0, 3)})
    return st.lists(plain) | st.lists(plain | counted)


@given(points_strategy(), st.sampled_from(STATISTICS))
def test_a_statistic_is_that_of_ministack(points: list[dict[str, Any]], statistic: str) -> None:
    value, samples = statistic_of(statistic, points)

    expected = cloudwatch._calc_stats(points)
    if not expected:
        assert (value, samples) == (None, 0)
        return
    assert samples == expected["SampleCount"]
    assert value == pytest.approx(cloudwatch._stat_value(expected, statistic, points))


def test_a_set_of_statistics_has_the_weight_of_its_samples() -> None:
    published = {"SampleCount": 3, "Sum": 6, "Minimum": 1, "Maximum": 3}

    assert statistic_of("Average", [{"Value": 2.0, "_stat": published}, {"Value": 6.0}]) == (3.0, 4.0)
