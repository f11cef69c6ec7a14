"""Calls that wait for an execution environment, without processes and without a clock."""

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from local.emulator.functions.execution.environment_queue import EnvironmentQueue


class Pool:
    """Environments by number, leased as MiniStack leases them; `refused` is set when a call got none."""

    def __init__(self) -> None:
        self.idle: list[int] = []
        self.count = 0
        self.refused = threading.Event()

    def acquire(self, most: int | None) -> tuple[int | None, str]:
        if self.idle:
            return self.idle.pop(), "reused"
        if most and self.count >= most:
            self.refused.set()
            return None, "func_cap"
        self.count += 1
        return self.count, "spawn"


class Setup:
    """A queue whose time stands still, with one call that has an environment."""

    def __init__(self, *, starts: int, patience: float) -> None:
        self.pool = Pool()
        self.queue: EnvironmentQueue[int] = EnvironmentQueue(
            starts=starts, patience=patience, clock=lambda: 0.0
        )
        self.first = self.queue.lease(self.pool.acquire)

    def second(self, then: Callable[[], None]) -> int:
        """Returns the environment of a second call, which waits when `then` is called."""
        with ThreadPoolExecutor(1) as threads:
            call: Future[int] = threads.submit(self.queue.lease, self.pool.acquire)
            assert self.pool.refused.wait(120)
            then()
            return call.result()

    def release(self) -> None:
        self.pool.idle.append(self.first)
        self.queue.released(self.first)


@pytest.mark.parametrize("is_started", [True, False], ids=["running", "starting"])
def test_a_call_gets_the_environment_that_becomes_free_while_it_waits(is_started: bool) -> None:
    setup = Setup(starts=2, patience=math.inf)
    if is_started:
        setup.queue.started(setup.first)

    assert setup.second(setup.release) == setup.first
    assert setup.pool.count == 1


def test_a_call_that_has_waited_long_enough_starts_an_environment() -> None:
    setup = Setup(starts=2, patience=0.0)

    assert setup.queue.lease(setup.pool.acquire) != setup.first


def test_no_more_environments_start_at_once_than_allowed() -> None:
    setup = Setup(starts=1, patience=0.0)

    second = setup.second(lambda: setup.queue.started(setup.first))

    assert second != setup.first


def test_an_environment_that_does_not_start_makes_room_for_another() -> None:
    setup = Setup(starts=1, patience=0.0)

    assert setup.second(lambda: setup.queue.released(setup.first)) != setup.first
