"""Counts of responses: numbers that the worker writes and the front reads, without a lock."""

import pytest

from bundle import WARNINGS
from serving.direct_connections.memory.response_counts import COUNTS_BYTES, ResponseCounts
from serving.http.metric_counts import BATCH_BUCKETS, LATENCY_BUCKETS, HistogramCounts

Pair = tuple[ResponseCounts, ResponseCounts]


@pytest.fixture
def pair() -> Pair:
    """The counts as the worker and as the front have them."""
    memory = memoryview(bytearray(COUNTS_BYTES))
    return ResponseCounts(memory), ResponseCounts(memory)


def test_responses_are_counted_by_their_time_with_rows_and_warnings(pair: Pair) -> None:
    worker, front = pair
    first, *_, last = WARNINGS
    worker.count(LATENCY_BUCKETS[0], 1, None)
    worker.count(LATENCY_BUCKETS[-1] + 1, 1_000, {first: 2, last: 3})
    worker.count(LATENCY_BUCKETS[0] * 1.5, 0, {last: 1})

    counts = front.read()
    assert counts.latency.buckets == (1, 1, *[0] * (len(LATENCY_BUCKETS) - 2), 1)
    assert counts.latency.sum == pytest.approx(LATENCY_BUCKETS[0] * 2.5 + LATENCY_BUCKETS[-1] + 1)
    assert (counts.responses, counts.rows, counts.warnings) == (3, 1_001, {first: 2, last: 4})
    assert sum(counts.batches.buckets) == 0


def test_batches_are_counted_by_their_size(pair: Pair) -> None:
    worker, front = pair
    for size in (1, 2, 128, 129):
        worker.count_batch(size)

    counts = front.read()
    assert counts.batches == HistogramCounts((1, 1, *[0] * (len(BATCH_BUCKETS) - 3), 1, 1), 260)
    assert (counts.responses, counts.warnings) == (0, {})


def test_each_reading_has_what_was_counted_since_the_last_one(pair: Pair) -> None:
    worker, front = pair
    found: list[tuple[float, ...]] = []
    for rows in range(3):
        for _ in range(rows):
            worker.count(0.25, rows, None)
            worker.count_batch(1)
        counts = front.read()
        found.append((counts.responses, counts.rows, counts.latency.sum, counts.batches.sum))

    assert found == [(0, 0, 0, 0), (1, 1, 0.25, 1), (2, 4, 0.5, 2)]


def test_the_worker_reads_the_share_that_the_front_has_set(pair: Pair) -> None:
    worker, front = pair
    before = worker.log_sample
    front.log_sample = 0.01

    assert (before, worker.log_sample) == (0, 0.01)
    worker.count(1.0, 1, None)
    assert front.read().responses == 1
