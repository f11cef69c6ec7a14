"""Values of metrics in MiniStack's table."""

import threading
import time

import pytest
from ministack.services import cloudwatch

from local.cloudwatch.metrics.metric_feed import MAX_VALUES, MetricFeed, evict_old_values

pytestmark = pytest.mark.usefixtures("empty_cloudwatch")
BY_ENDPOINT = {"Endpoint": "a"}
KEY = ("Any", "Errors", "Endpoint=a")


def test_a_value_has_the_time_of_the_clock_unless_it_has_its_own() -> None:
    feed = MetricFeed(clock=lambda: 7.0)

    feed("Any", "Errors", 1, unit="Count", dimensions=BY_ENDPOINT)
    feed("Any", "Errors", 2, unit="Count", dimensions=BY_ENDPOINT, timestamp=3.0)

    assert cloudwatch._metrics[KEY] == [
        {"Timestamp": 7.0, "Value": 1.0, "Unit": "Count", "Dimensions": BY_ENDPOINT},
        {"Timestamp": 3.0, "Value": 2.0, "Unit": "Count", "Dimensions": BY_ENDPOINT},
    ]


def test_the_order_of_dimensions_does_not_count() -> None:
    feed = MetricFeed()

    feed("Any", "Errors", 1, unit="Count", dimensions={"A": "1", "B": "2"})
    feed("Any", "Errors", 1, unit="Count", dimensions={"B": "2", "A": "1"})

    assert [len(values) for values in cloudwatch._metrics.values()] == [2]


def test_the_older_half_is_dropped_when_there_are_too_many() -> None:
    feed = MetricFeed()

    for number in range(MAX_VALUES + 1):
        feed("Any", "Errors", number, unit="Count", dimensions=BY_ENDPOINT)

    kept = cloudwatch._metrics[KEY]
    assert (kept[0]["Value"], kept[-1]["Value"]) == (MAX_VALUES // 2, MAX_VALUES)


def test_no_value_of_several_threads_is_lost() -> None:
    feed, start = MetricFeed(), threading.Barrier(8)

    def record() -> None:
        start.wait()
        for _ in range(100):
            feed("Any", "Errors", 1, unit="Count", dimensions=BY_ENDPOINT)

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(cloudwatch._metrics[KEY]) == 800


def test_old_values_and_empty_metrics_are_dropped() -> None:
    feed, now = MetricFeed(), time.time()
    feed("Any", "Errors", 1, unit="Count", dimensions=BY_ENDPOINT, timestamp=0.0)
    feed("Any", "Errors", 2, unit="Count", dimensions=BY_ENDPOINT, timestamp=now)
    feed("Any", "Old", 1, unit="Count", dimensions=BY_ENDPOINT, timestamp=0.0)

    evict_old_values()

    assert [value["Value"] for value in cloudwatch._metrics[KEY]] == [2.0]
    assert len(cloudwatch._metrics) == 1
