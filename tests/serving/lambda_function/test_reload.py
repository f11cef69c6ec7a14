"""Reload of a bundle after its S3 object has changed."""

from collections.abc import Callable

import pytest

from bundle import Field
from serving.lambda_function.reload import BundleReloader
from tests.serving.clock import FakeClock
from tests.serving.lambda_function.object_store import URL, ObjectStore
from tests.serving.lambda_function.reload_parts import SECONDS, Put, logged
from tests.tiny_bundle import FIELDS


def test_a_changed_object_is_served_when_the_next_check_is_due(
    reloader: BundleReloader, clock: FakeClock, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    before = reloader.predictor.version
    version = put(weight=2.0)

    clock.now += SECONDS - 1
    assert reloader.predictor.version == before
    clock.now += 1
    assert reloader.predictor.version == version

    [line] = logged(capsys)
    assert (line["event"], line["level"]) == ("bundle reloaded", "info")
    assert (line["served"], line["version"], line["bundle"]) == (before, version, URL)


def test_the_object_is_checked_once_per_interval(
    reloader: BundleReloader, clock: FakeClock, store: ObjectStore
) -> None:
    predictor = reloader.predictor

    for _ in range(3):
        clock.now += SECONDS
        assert all(reloader.predictor is predictor for _ in range(10))

    assert store.statuses == [200, 304, 304, 304]


def test_a_clock_that_is_set_back_causes_a_check(
    reloader: BundleReloader, clock: FakeClock, store: ObjectStore
) -> None:
    clock.now -= 1_000_000

    assert reloader.predictor
    assert store.statuses == [200, 304]


def test_the_last_of_two_changes_is_served(reloader: BundleReloader, clock: FakeClock, put: Put) -> None:
    put(weight=2.0)
    version = put(weight=3.0)

    clock.now += SECONDS

    assert reloader.predictor.version == version


def test_descriptions_and_threshold_may_change(reloader: BundleReloader, clock: FakeClock, put: Put) -> None:
    size, *others = FIELDS
    line = Field(name="size", type="number", minimum=0, maximum=100, unit="cm", description="New.", example=4)
    assert size != line
    version = put(fields=(line, *others), threshold=0.4)

    clock.now += SECONDS

    assert reloader.predictor.version == version


def test_a_start_serves_the_bundle_of_the_object(
    start: Callable[[], BundleReloader], put: Put, store: ObjectStore
) -> None:
    version = put(weight=2.0)

    assert start().predictor.version == version
    assert store.statuses == [200]
