"""Health of the workers: the reasons for which /ping responds 503."""

from serving.workers.health import LOADING, STALE_SECONDS, STOPPING, WorkerHealth
from tests.serving.clock import FakeClock

WRONG = "The model answers its golden row wrong."


def healthy(clock: FakeClock, workers: int = 1) -> WorkerHealth:
    """Health in which every slot has passed a self-test now."""
    health = WorkerHealth(workers, clock)
    for slot in health.slots:
        health.record_self_test(slot, None)
    return health


def test_the_server_is_loading_until_every_slot_has_passed_a_self_test() -> None:
    health = WorkerHealth(2, FakeClock())
    first, second = health.slots

    assert health.unhealthy_reason() == LOADING
    health.record_self_test(first, None)
    assert health.unhealthy_reason() == LOADING
    health.record_self_test(second, None)
    assert health.unhealthy_reason() is None


def test_a_failed_self_test_is_the_reason_until_the_next_one_passes() -> None:
    health = healthy(FakeClock())

    health.record_self_test(health.slots[0], WRONG)
    assert health.unhealthy_reason() == WRONG
    health.record_self_test(health.slots[0], None)
    assert health.unhealthy_reason() is None


def test_a_first_self_test_that_fails_is_the_reason_instead_of_loading() -> None:
    health = WorkerHealth(1, FakeClock())

    health.record_self_test(health.slots[0], WRONG)

    assert health.unhealthy_reason() == WRONG


def test_a_self_test_is_stale_after_ten_seconds() -> None:
    clock = FakeClock()
    health = healthy(clock, workers=2)

    clock.now += STALE_SECONDS
    health.record_self_test(health.slots[0], None)
    assert health.unhealthy_reason() is None
    clock.now += 0.1
    assert health.unhealthy_reason() == "A worker has passed no self-test for 10 s."


def test_the_loss_of_the_only_worker_is_a_reason_at_once() -> None:
    health = healthy(FakeClock())

    health.record_loss(health.slots[0])

    assert health.unhealthy_reason() == "No worker is alive."


def test_the_loss_of_one_of_two_workers_is_a_reason_after_two_seconds_until_a_replacement_passes() -> None:
    clock = FakeClock()
    health = healthy(clock, workers=2)

    health.record_loss(health.slots[0])
    clock.now += 2
    assert health.unhealthy_reason() is None
    # The replacement is lost too; the two seconds still count from the first loss.
    health.record_loss(health.slots[0])
    clock.now += 0.1
    assert health.unhealthy_reason() == "A worker died and was not replaced within 2 s."
    health.record_self_test(health.slots[0], None)
    assert health.unhealthy_reason() is None


def test_three_failed_inferences_in_a_row_are_a_reason_and_two_are_not() -> None:
    health = healthy(FakeClock())

    for failed in (True, True, False, True, True):
        health.record_inference(failed=failed)
    assert health.unhealthy_reason() is None
    health.record_inference(failed=True)
    assert health.unhealthy_reason() == "The model failed on 3 requests in a row."


def test_failed_inferences_are_forgiven_after_a_success_and_then_a_self_test() -> None:
    health = healthy(FakeClock())
    for _ in range(3):
        health.record_inference(failed=True)

    health.record_self_test(health.slots[0], None)
    assert health.unhealthy_reason()
    health.record_inference(failed=False)
    assert health.unhealthy_reason()
    health.record_self_test(health.slots[0], None)
    assert health.unhealthy_reason() is None


def test_a_failed_inference_after_the_success_keeps_the_server_unhealthy() -> None:
    health = healthy(FakeClock())
    for failed in (True, True, True, False, True):
        health.record_inference(failed=failed)

    health.record_self_test(health.slots[0], None)

    assert health.unhealthy_reason()


def test_a_success_is_awaited_after_a_failure_and_while_unhealthy_only() -> None:
    health = healthy(FakeClock())
    awaited = [health.awaits_success]
    for failed in (True, False, True, True, True, False):
        health.record_inference(failed=failed)
        awaited.append(health.awaits_success)

    assert awaited == [False, True, False, True, True, True, True]


def test_a_stopping_server_is_unhealthy() -> None:
    health = healthy(FakeClock())

    health.stopping = True

    assert health.unhealthy_reason() == STOPPING
