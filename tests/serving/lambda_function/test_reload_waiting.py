"""Requests during a reload: time limits of their wait, and the version that answers them."""

import inspect
import json
import math
import threading
from collections.abc import Callable
from typing import Any, Self

import pytest

from serving.lambda_function import reload
from serving.lambda_function.reload import BundleReloader
from tests.serving.clock import FakeClock
from tests.serving.lambda_function.object_store import ObjectStore
from tests.serving.lambda_function.reload_parts import SECONDS, Put, Wait, logged


def test_a_change_during_a_reload_is_served_after_the_next_check(
    reloader: BundleReloader, clock: FakeClock, put: Put, store: ObjectStore
) -> None:
    second = put(weight=2.0)
    store.body_gate.clear()
    clock.now += SECONDS
    asked = threading.Thread(target=lambda: reloader.predictor)
    asked.start()
    store.wait_for_responses(2)
    third = put(weight=3.0)
    store.body_gate.set()
    asked.join()

    assert reloader.predictor.version == second
    clock.now += SECONDS
    assert reloader.predictor.version == third


def test_a_request_stops_waiting_for_a_slow_store_and_a_later_one_continues(
    reloader: BundleReloader, clock: FakeClock, put: Put, store: ObjectStore, wait: Wait
) -> None:
    # Given a store that has not sent the new bundle when a request stops waiting
    before, version = reloader.predictor, put(weight=2.0)
    store.body_gate.clear()
    wait.gives_up = True
    clock.now += SECONDS

    # When further requests come before the next check is due
    assert all(reloader.predictor is before for _ in range(3))

    # Then only the first one waited
    assert wait.limits == [reload.PATIENCE_SECONDS]

    # When the store sends it during the wait of the next check
    wait.gives_up, wait.before = False, store.body_gate.set
    clock.now += SECONDS

    # Then that wait was for the same reload
    assert reloader.predictor.version == version
    assert store.statuses == [200, 200]


def test_the_default_wait_ends_at_its_limit() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, args=(60,))
    thread.start()
    wait = inspect.signature(BundleReloader).parameters["wait"].default

    wait(thread, 0.01)

    assert thread.is_alive()
    end.set()
    wait(thread, 60)
    assert not thread.is_alive()


def test_a_start_gives_a_slow_store_a_time_limit(
    start: Callable[[], BundleReloader], put: Put, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a store that never answers
    monkeypatch.setattr(reload, "_START_SECONDS", 0.2)
    deployed = put(weight=1.0)
    put(weight=2.0)
    store.gate.clear()

    assert start().predictor.version == deployed


class Clients:
    """Clients that send requests until the end of the context."""

    def __init__(self, reloader: BundleReloader) -> None:
        self.answers: list[dict[str, Any]] = []
        self.failures: list[Exception] = []
        self._reloader = reloader
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                predictor = self._reloader.predictor
                body = json.loads(predictor.answer(b'{"instances":[{"size":1},{"size":1},{"size":1}]}'))
                self.answers.append(body | {"expected_version": predictor.version})
            except Exception as error:
                self.failures.append(error)


@pytest.mark.slow
def test_every_answer_is_of_one_version_during_reloads(
    store: ObjectStore, put: Put, start: Callable[[], BundleReloader], clock: FakeClock
) -> None:
    made = [(put(weight=weight), weight, store.body) for weight in (1.0, 2.0)]
    probabilities = {version: 1 / (1 + math.exp(-weight)) for version, weight, _ in made}

    with Clients(start()) as clients:
        for turn in range(30):
            store.body, responses = made[turn % 2][2], len(store.statuses)
            clock.now += SECONDS
            store.wait_for_responses(responses + 1)

    assert clients.failures == []
    assert {answer["expected_version"] for answer in clients.answers} == probabilities.keys()
    for answer in clients.answers:
        assert answer["model"]["version"] == answer["expected_version"]
        expected = pytest.approx(probabilities[answer["expected_version"]], abs=1e-5)
        assert [found["probability"] for found in answer["predictions"]] == [expected] * 3


def test_a_request_is_answered_when_no_thread_can_be_started_and_a_later_check_reloads(
    reloader: BundleReloader, clock: FakeClock, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    before, version = reloader.predictor, put(weight=2.0)
    clock.now += SECONDS
    # No machine has the memory for such a stack.
    usual = threading.stack_size(1 << 46)
    try:
        assert reloader.predictor is before
    finally:
        threading.stack_size(usual)
    (line,) = logged(capsys)
    clock.now += SECONDS

    assert "can't start new thread" in line["reason"]
    assert reloader.predictor.version == version
