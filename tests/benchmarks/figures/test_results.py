"""The arithmetic on what was counted."""

import pytest

from benchmarks.figures.results import CAPACITY, LOADS, Record, Sample, percentile
from tests.benchmarks.figures.records import record


def test_a_sample_is_counts_by_the_second_and_processor_time_by_the_request() -> None:
    sample = Sample.of(requests=1_000, seconds=2.0, cpu_seconds=1.5, p50=1, p99=2)

    assert (sample.throughput, sample.cpu, sample.busy) == (500, 1_500, 0.75)


@pytest.mark.parametrize(("share", "value"), [(50, 50), (99, 99), (100, 100), (0.1, 1)])
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_a_record_tells_the_median_and_the_extent_of_its_rounds() -> None:
    measured = record(CAPACITY, 30, 10, 20)

    assert measured.median(CAPACITY) == 20
    assert measured.extent(CAPACITY) == (10, 30)


def test_what_was_not_measured_has_no_median() -> None:
    assert Record().median(CAPACITY) is None


def test_two_records_do_not_share_their_figures() -> None:
    one, other = Record(), Record()

    one.samples["x"] = []

    assert other.samples == {}


def test_every_load_has_a_name_of_its_own() -> None:
    assert len({load.key for load in LOADS}) == len(LOADS)
