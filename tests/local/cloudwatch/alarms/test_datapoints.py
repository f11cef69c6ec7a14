"""Datapoints of an alarm from the values of its metric."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import cloudwatch

from local.cloudwatch.alarms.datapoints import evaluation_range
from local.cloudwatch.metrics.metric_feed import MetricFeed
from tests.local.cloudwatch.alarms.records import metric_alarm

pytestmark = pytest.mark.usefixtures("empty_cloudwatch")
END = 6000.0


def record(
    value: float, at: float, *, endpoint: str = "a", unit: str = "Count", name: str = "Errors"
) -> None:
    feed = MetricFeed()
    feed("Any", name, value, unit=unit, dimensions={"Endpoint": endpoint}, timestamp=at)


def values(*, speed: float = 1.0, **members: object) -> list[float | None]:
    alarm = metric_alarm(**members)
    return [point.value for point in evaluation_range(alarm, end=END, speed=speed)]


def test_each_period_has_the_statistic_of_its_values() -> None:
    record(1, END - 60)
    record(2, END - 1)
    record(4, END - 61)
    record(8, END)

    assert values() == [None, None, None, 4, 3]


def test_a_period_is_shorter_by_the_speed() -> None:
    record(1, END - 2)
    record(2, END - 0.1)
    record(4, END - 2.1)
    record(8, END - 60)

    assert values(speed=30) == [None, None, None, 4, 3]


def test_a_high_resolution_period_has_seconds() -> None:
    record(1, END - 9)
    record(2, END - 11)

    assert values(Period=10) == [None, None, None, 2, 1]


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Sum", 12), ("Average", 3), ("Minimum", 0), ("Maximum", 9), ("SampleCount", 4)],
)
def test_a_statistic_is_computed(statistic: str, value: float) -> None:
    for one in (0, 1, 2, 9):
        record(one, END - 1)

    assert values(Statistic=statistic)[-1] == value


@pytest.mark.parametrize(("percentile", "value"), [("p50", 50), ("p99", 99), ("p0", 0), ("p100", 100)])
def test_a_percentile_is_computed(percentile: str, value: float) -> None:
    for one in range(101):
        record(one, END - 1)

    assert values(Statistic="Average", ExtendedStatistic=percentile)[-1] == pytest.approx(value)


def test_another_dimension_name_or_unit_is_another_metric() -> None:
    record(1, END - 1, endpoint="b")
    record(2, END - 1, name="Faults")
    record(4, END - 1, unit="None")
    record(8, END - 1)
    cloudwatch.record_metric("Any", "Errors", 16, "Count", {})

    assert values()[-1] == 12
    assert values(Unit="Count")[-1] == 8
    assert values(Dimensions=[{"Name": "Endpoint", "Value": "c"}]) == [None] * 5


@given(st.lists(st.floats(END - 300, END, exclude_max=True), max_size=30), st.sampled_from([1.0, 30.0, 7.0]))
def test_each_value_is_in_one_period(times: list[float], speed: float) -> None:
    cloudwatch.reset()
    for at in times:
        record(1, at)

    found = sum(value or 0 for value in values(speed=speed))

    assert found == sum(at >= END - 300 / speed for at in times)
