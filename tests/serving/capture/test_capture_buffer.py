"""Buffer of captured calls: few objects, each with the calls of one hour."""

import re
import threading
from typing import Any, cast

import pytest

from local.cloudwatch.metrics.embedded_metrics import embedded_values
from serving.capture.capture_buffer import CaptureBuffer
from tests.serving.capture.stored_calls import FOLDER, FakeS3, call_of
from tests.serving.clock import FakeClock


class Setup:
    """A buffer with a clock of the test; `lines` are those of the log."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.s3 = FakeS3()
        self.lines: list[str] = []
        self.buffer = CaptureBuffer(
            FOLDER, cast("Any", self.s3), function="model", clock=self.clock, log=self.lines.append
        )

    def add(self, *ids: str, **parts: Any) -> None:
        for name in ids:
            self.buffer.add(call_of(name, **parts))

    def write_if_due(self) -> None:
        if self.buffer.is_due:
            self.buffer.write(seconds=1)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_the_first_call_is_written_at_once_and_later_ones_in_a_batch(setup: Setup) -> None:
    setup.add("1")
    setup.write_if_due()
    setup.add("2", "3")
    setup.write_if_due()
    setup.clock.now += 60
    setup.add("4")
    setup.write_if_due()
    setup.write_if_due()

    assert setup.s3.ids == [["1"], ["2", "3", "4"]]


def test_a_large_batch_is_written_before_its_time(setup: Setup) -> None:
    setup.add("1")
    setup.write_if_due()
    setup.add("2", "3", request=b'"' + b"x" * (2 << 20) + b'"')
    setup.write_if_due()

    assert setup.s3.ids == [["1"], ["2", "3"]]


def test_each_hour_has_an_object_of_its_own_at_sagemakers_key(setup: Setup) -> None:
    setup.add("1", "2", hour=16)
    setup.add("3", hour=17)
    setup.write_if_due()

    assert setup.s3.ids == [["1", "2"], ["3"]]
    name = r"25-49-007-[0-9a-f-]{36}\.jsonl"
    for url, hour in zip(setup.s3.objects, (16, 17), strict=True):
        assert re.fullmatch(f"{FOLDER}/2026/02/14/{hour}/{name}", url)


def test_calls_that_cannot_be_written_are_counted_and_the_next_ones_are_written(setup: Setup) -> None:
    setup.s3.is_down = True
    setup.add("1", "2")
    setup.write_if_due()
    setup.s3.is_down = False
    setup.clock.now += 60
    setup.add("3")
    setup.write_if_due()

    [line] = setup.lines
    [lost] = embedded_values(line)
    assert (lost.name, lost.value) == ("CapturesLost", 2)
    assert "cannot be written: access is denied." in line
    assert setup.s3.ids == [["3"]]


def test_an_error_in_the_program_loses_the_calls_and_not_the_response(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("port is no number")

    monkeypatch.setattr(setup.s3, "write", fail)
    setup.add("1")
    setup.write_if_due()

    [lost] = embedded_values(setup.lines[0])
    assert (lost.name, lost.value) == ("CapturesLost", 1)
    assert "cannot be written: ValueError: port is no number." in setup.lines[0]


class NotedLock:
    """A lock that notes the threads which ask for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted = threading.Condition()
        self._asked = 0

    def __enter__(self) -> None:
        with self._noted:
            self._asked += 1
            self._noted.notify_all()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def until_asked(self, times: int, unless: threading.Event) -> None:
        with self._noted:
            while self._asked < times and not unless.is_set():
                self._noted.wait(0.01)


def test_the_last_write_waits_for_one_that_is_under_way(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The process ends after the last write, and would cut off the other one.
    order, ended, lock = list[str](), threading.Event(), NotedLock()
    monkeypatch.setattr(setup.buffer, "_writing", lock, raising=False)

    def write_last() -> None:
        setup.buffer.write(seconds=1)
        order.append("last")
        ended.set()

    last = threading.Thread(target=write_last)

    def write(*_: object, **__: object) -> None:
        last.start()
        lock.until_asked(2, unless=ended)
        order.append("first")

    monkeypatch.setattr(setup.s3, "write", write)
    setup.add("1")
    setup.write_if_due()
    last.join()

    assert order == ["first", "last"]
