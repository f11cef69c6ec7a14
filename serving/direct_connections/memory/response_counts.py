"""Counts of the responses of direct connections, in memory that a worker and its front share."""

from bisect import bisect_left
from collections.abc import Mapping

from bundle import WARNINGS
from serving.http.metric_counts import BATCH_BUCKETS, LATENCY_BUCKETS, DirectCounts, HistogramCounts

# Words of 8 bytes: the share of responses that are logged, sums, and counts.
_LOG_SAMPLE, _SECONDS, _BATCH_SUM = range(3)
_LATENCY = _BATCH_SUM + 1
_BATCHES = _LATENCY + len(LATENCY_BUCKETS) + 1
_ROWS = _BATCHES + len(BATCH_BUCKETS) + 1
_WARNINGS = _ROWS + 1
_WORDS = _WARNINGS + len(WARNINGS)
COUNTS_BYTES = 8 * _WORDS

_WORD_OF_WARNING = {kind: _WARNINGS + position for position, kind in enumerate(WARNINGS)}


class ResponseCounts:
    """Counts of responses with the status 200, which need no record each.

    The worker writes and the front reads; there is no lock. Each word only grows, and is written at once. So
    the front may see some words of a response before others, and sees all of them the next time.
    """

    def __init__(self, view: memoryview) -> None:
        """Takes COUNTS_BYTES of shared memory, which were 0 when they were new."""
        self._counts = view[:COUNTS_BYTES].cast("Q")
        self._sums = view[:COUNTS_BYTES].cast("d")
        self._read_counts = [0] * _WORDS
        self._read_sums = [0.0] * _LATENCY

    @property
    def log_sample(self) -> float:
        """Share of the requests that the worker logs, from 0 to 1; the front sets it."""
        return self._sums[_LOG_SAMPLE]

    @log_sample.setter
    def log_sample(self, share: float) -> None:
        self._sums[_LOG_SAMPLE] = share

    def count(self, seconds: float, rows: int, warnings: Mapping[str, int] | None) -> None:
        """Counts a response.

        Args:
            seconds: Time since the request was complete.
            rows: Number of predictions.
            warnings: Number of warnings of its rows by kind; None without any.
        """
        counts = self._counts
        counts[_LATENCY + bisect_left(LATENCY_BUCKETS, seconds)] += 1
        counts[_ROWS] += rows
        self._sums[_SECONDS] += seconds
        if warnings:
            for kind, count in warnings.items():
                counts[_WORD_OF_WARNING[kind]] += count

    def count_batch(self, size: int) -> None:
        """Counts a batch of `size` requests."""
        self._counts[_BATCHES + bisect_left(BATCH_BUCKETS, size)] += 1
        self._sums[_BATCH_SUM] += size

    def read(self) -> DirectCounts:
        """Returns the counts since the last call."""
        counts, sums = [*self._counts], [*self._sums[:_LATENCY]]
        new = [now - before for now, before in zip(counts, self._read_counts, strict=True)]
        seconds, requests = (sums[word] - self._read_sums[word] for word in (_SECONDS, _BATCH_SUM))
        self._read_counts, self._read_sums = counts, sums
        return DirectCounts(
            latency=HistogramCounts(tuple(new[_LATENCY:_BATCHES]), seconds),
            batches=HistogramCounts(tuple(new[_BATCHES:_ROWS]), requests),
            rows=new[_ROWS],
            warnings={kind: new[word] for kind, word in _WORD_OF_WARNING.items() if new[word]},
        )
