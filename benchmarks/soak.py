"""What a server's memory grows by over a million requests."""

from benchmarks.results import CAPACITY
from benchmarks.trial import Trial
from training.progress import Progress

REQUESTS = 1_000_000
_WARM_UP = 100_000
_SECONDS = 5


def growth(trial: Trial, progress: Progress) -> float:
    """By how many MB the resident memory of all its processes grows, after a warm-up of 100,000 requests."""
    progress.step(f"soak: {_WARM_UP:,} requests to warm up, then {REQUESTS:,}")
    _send(trial, _WARM_UP, progress)
    before = sum(trial.start().resident)
    _send(trial, REQUESTS, progress)
    return sum(trial.start().resident) - before


def _send(trial: Trial, requests: int, progress: Progress) -> None:
    sent = 0.0
    while sent < requests:
        sent += trial.load(CAPACITY, _SECONDS).throughput * _SECONDS
        progress.step(f"soak: {sent:,.0f} requests")
