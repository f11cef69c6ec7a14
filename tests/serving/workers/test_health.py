"""What /ping says, and when."""

from serving.workers.health import LOADING, STALE_SECONDS, STOPPING, Health

WRONG = "The model answers its golden row wrong."


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def well(clock: Clock, workers: int = 1) -> Health:
    """A process whose workers have all passed a self-test just now."""
    health = Health(workers, clock)
    for place in health.places:
        health.check(place, None)
    return health


def test_a_process_is_loading_until_every_worker_has_passed_a_self_test() -> None:
    health = Health(2, Clock())
    first, second = health.places

    assert health.trouble() == LOADING
    health.check(first, None)
    assert health.trouble() == LOADING
    health.check(second, None)
    assert health.trouble() is None


def test_a_failed_self_test_is_told_until_the_next_is_passed() -> None:
    health = well(Clock())

    health.check(health.places[0], WRONG)
    assert health.trouble() == WRONG
    health.check(health.places[0], None)
    assert health.trouble() is None


def test_a_golden_row_that_was_never_right_is_told_and_not_that_the_model_is_loading() -> None:
    health = Health(1, Clock())

    health.check(health.places[0], WRONG)

    assert health.trouble() == WRONG


def test_a_self_test_counts_for_ten_seconds() -> None:
    clock = Clock()
    health = well(clock, workers=2)

    clock.now += STALE_SECONDS
    health.check(health.places[0], None)
    assert health.trouble() is None
    clock.now += 0.1
    assert health.trouble() == "A worker has passed no self-test for 10 s."


def test_the_only_worker_is_missed_at_once() -> None:
    health = well(Clock())

    health.lose(health.places[0])

    assert health.trouble() == "No worker is alive."


def test_one_of_two_workers_is_missed_after_two_seconds_until_another_has_proven_itself() -> None:
    clock = Clock()
    health = well(clock, workers=2)

    health.lose(health.places[0])
    clock.now += 2
    assert health.trouble() is None
    # Its replacement dies too, and the first death goes on to count.
    health.lose(health.places[0])
    clock.now += 0.1
    assert health.trouble() == "A worker died and was not replaced within 2 s."
    health.check(health.places[0], None)
    assert health.trouble() is None


def test_three_failures_in_a_row_are_trouble_and_two_are_not() -> None:
    health = well(Clock())

    for failed in (True, True, False, True, True):
        health.infer(failed=failed)
    assert health.trouble() is None
    health.infer(failed=True)
    assert health.trouble() == "The model failed on 3 requests in a row."


def test_trouble_with_requests_ends_with_an_answer_and_then_a_self_test() -> None:
    health = well(Clock())
    for _ in range(3):
        health.infer(failed=True)

    health.check(health.places[0], None)
    assert health.trouble()
    health.infer(failed=False)
    assert health.trouble()
    health.check(health.places[0], None)
    assert health.trouble() is None


def test_a_failure_after_the_answer_begins_anew() -> None:
    health = well(Clock())
    for failed in (True, True, True, False, True):
        health.infer(failed=failed)

    health.check(health.places[0], None)

    assert health.trouble()


def test_an_answer_is_news_after_a_failure_and_while_there_is_trouble_only() -> None:
    health = well(Clock())
    news = [health.doubtful]
    for failed in (True, False, True, True, True, False):
        health.infer(failed=failed)
        news.append(health.doubtful)

    assert news == [False, True, False, True, True, True, True]


def test_a_stopping_process_wants_no_more() -> None:
    health = well(Clock())

    health.stopping = True

    assert health.trouble() == STOPPING
