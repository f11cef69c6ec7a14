"""Rates, percentiles and medians of results."""

import pytest

from benchmarks.figures.results import CAPACITY, LOADS, Record, Sample, percentile
from tests.benchmarks.figures.records import record


def test_a_sample_has_requests_per_second_and_processor_time_per_request() -> None:
    sample = Sample.of(requests=1_000, seconds=2.0, cpu_seconds=1.5, p50=1, p99=2)

    assert (sample.throughput, sample.cpu, sample.busy) == (500, 1_500, 0.75)


@pytest.mark.parametrize(("share", "value"), [(50, 50), (99, 99), (100, 100), (0.1, 1)])
def test_a_percentile_is_the_value_that_this_share_does_not_exceed(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_a_record_has_the_median_and_the_range_of_its_rounds() -> None:
    measured = record(CAPACITY, 30, 10, 20)

    assert measured.median(CAPACITY) == 20
    assert measured.extent(CAPACITY) == (10, 30)


def test_a_load_that_was_not_measured_has_no_median() -> None:
    assert Record().median(CAPACITY) is None


def test_two_records_do_not_share_their_samples() -> None:
    one, other = Record(), Record()

    one.samples["x"] = []

    assert other.samples == {}


def test_every_load_has_a_unique_key() -> None:
    assert len({load.key for load in LOADS}) == len(LOADS)
