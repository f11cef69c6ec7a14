"""Token buckets on an injected clock."""

from local.emulator.api_gateway.throttling import BucketKey, Throttle, TokenBuckets


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def bucket(name: str, *, rate: float, burst: float) -> dict[BucketKey, Throttle]:
    """The limits of one bucket."""
    return {(name,): Throttle(rate=rate, burst=burst)}


def test_a_bucket_holds_its_burst_and_is_filled_at_its_rate() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock)
    limits = bucket("key", rate=2, burst=3)
    assert [buckets.take(limits) for _ in range(4)] == [True, True, True, False]

    clock.seconds = 0.5
    assert [buckets.take(limits) for _ in range(2)] == [True, False]

    clock.seconds = 100.0
    assert [buckets.take(limits) for _ in range(4)] == [True, True, True, False]


def test_buckets_of_different_keys_are_independent() -> None:
    buckets = TokenBuckets(Clock())
    assert buckets.take(bucket("one", rate=1, burst=1))

    assert buckets.take(bucket("two", rate=1, burst=1))


def test_a_request_that_one_bucket_refuses_takes_no_token_of_another() -> None:
    buckets = TokenBuckets(Clock())
    small, large = bucket("small", rate=0, burst=1), bucket("large", rate=0, burst=2)
    assert [buckets.take(small | large) for _ in range(3)] == [True, False, False]

    assert [buckets.take(large) for _ in range(2)] == [True, False]


def test_a_rate_and_burst_of_zero_refuse_every_request() -> None:
    assert not TokenBuckets(Clock()).take(bucket("key", rate=0, burst=0))
