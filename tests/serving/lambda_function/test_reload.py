"""Reload of a bundle from an S3 object, over real sockets."""

import inspect
import json
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from bundle import Field, Golden, interface_of
from serving.lambda_function import reload
from serving.lambda_function.model_data import ModelData, ModelSource
from serving.lambda_function.reload import BundleReloader, LoadedBundle, load
from serving.lambda_function.s3 import S3Client
from tests.serving.lambda_function.object_store import URL, ObjectStore, object_store
from tests.tiny_bundle import EXAMPLE, FIELDS, tiny_manifest, write_tiny_bundle

SECONDS = 100.0
WRONG = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.9}),)

Put = Callable[..., str]


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def put(store: ObjectStore, tmp_path: Path) -> Put:
    """Puts a bundle into the object and returns its version."""

    def put(**parts: Any) -> str:
        path = tmp_path / "put.tar.gz"
        version = write_tiny_bundle(path, **parts).manifest.version
        store.body = path.read_bytes()
        return version

    return put


class Clock:
    """Wall clock that a test advances."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Wait:
    """Waits for a reload to end, whatever its time limit, unless a test gives up at once.

    Attributes:
        limits: The time limit of each wait, in seconds.
        gives_up: Whether a wait ends at once, as after its time limit.
        before: Called at the start of each wait.
    """

    def __init__(self) -> None:
        self.limits: list[float] = []
        self.gives_up = False
        self.before: Callable[[], None] = lambda: None

    def __call__(self, thread: threading.Thread, seconds: float) -> None:
        self.limits.append(seconds)
        self.before()
        if not self.gives_up:
            thread.join(60)


@pytest.fixture
def wait() -> Wait:
    return Wait()


@pytest.fixture
def start(
    store: ObjectStore, clock: Clock, wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], BundleReloader]:
    """Returns a function that starts a reloader whose deployed bundle has weight 1."""
    monkeypatch.setattr(reload, "_START_SECONDS", 60.0)

    def start() -> BundleReloader:
        source = ModelSource(URL, S3Client(store.environment))

        def deployed() -> LoadedBundle:
            bundle = write_tiny_bundle(tmp_path / "deployed.tar.gz")
            return load(ModelData(bundle, '"deployed"'))

        return BundleReloader(
            source,
            deployed=deployed,
            interface=interface_of(tiny_manifest()),
            every=SECONDS,
            function="Function",
            clock=clock,
            wait=wait,
        )

    return start


@pytest.fixture
def model(start: Callable[[], BundleReloader], put: Put) -> BundleReloader:
    put(weight=1.0)
    return start()


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_changed_object_is_served_when_the_next_check_is_due(
    model: BundleReloader, clock: Clock, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    before = model.predictor.version
    version = put(weight=2.0)

    clock.now += SECONDS - 1
    assert model.predictor.version == before
    clock.now += 1
    assert model.predictor.version == version

    [line] = logged(capsys)
    assert (line["event"], line["level"]) == ("bundle reloaded", "info")
    assert (line["served"], line["version"], line["bundle"]) == (before, version, URL)


def test_the_object_is_checked_once_per_interval(
    model: BundleReloader, clock: Clock, store: ObjectStore
) -> None:
    predictor = model.predictor

    for _ in range(3):
        clock.now += SECONDS
        assert all(model.predictor is predictor for _ in range(10))

    assert store.statuses == [200, 304, 304, 304]


def test_a_clock_that_is_set_back_causes_a_check(
    model: BundleReloader, clock: Clock, store: ObjectStore
) -> None:
    clock.now -= 1_000_000

    assert model.predictor
    assert store.statuses == [200, 304]


def test_the_last_of_two_changes_is_served(model: BundleReloader, clock: Clock, put: Put) -> None:
    put(weight=2.0)
    version = put(weight=3.0)

    clock.now += SECONDS

    assert model.predictor.version == version


def test_a_change_during_a_reload_is_served_after_the_next_check(
    model: BundleReloader, clock: Clock, put: Put, store: ObjectStore
) -> None:
    second = put(weight=2.0)
    store.body_gate.clear()
    clock.now += SECONDS
    asked = threading.Thread(target=lambda: model.predictor)
    asked.start()
    store.wait_for_responses(2)
    third = put(weight=3.0)
    store.body_gate.set()
    asked.join()

    assert model.predictor.version == second
    clock.now += SECONDS
    assert model.predictor.version == third


def _cut(store: ObjectStore, put: Put) -> None:
    put(weight=2.0)
    store.cut = 100


def _garbage(store: ObjectStore, _: Put) -> None:
    store.body = b"no archive"


def _half(store: ObjectStore, put: Put) -> None:
    put(weight=2.0)
    assert store.body
    store.body = store.body[:500]


def _delete(store: ObjectStore, _: Put) -> None:
    store.body = None


def _other_model(_: ObjectStore, put: Put) -> None:
    put(name="other")


def _other_fields(_: ObjectStore, put: Put) -> None:
    colour = Field(name="colour", type="string", required=False, example="red")
    put(fields=(*FIELDS, colour))


def _wrong_answers(_: ObjectStore, put: Put) -> None:
    put(weight=2.0, golden=WRONG)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_cut, "cannot be read: S3 sent 100 of "),
        (_garbage, "cannot be served: The bundle is truncated or not a gzip-compressed tar archive"),
        (_half, "cannot be served: The bundle is truncated"),
        (_delete, "cannot be read: access is denied, or there is no such object"),
        (_other_model, "another interface than the API was deployed for (the name): deploy it."),
        (_other_fields, "another interface than the API was deployed for (the field colour): deploy it."),
        (_wrong_answers, "answers its golden row with"),
    ],
)
def test_an_invalid_bundle_is_logged_and_counted_and_the_old_one_is_still_served(
    model: BundleReloader,
    clock: Clock,
    put: Put,
    store: ObjectStore,
    spoil: Callable[[ObjectStore, Put], None],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = model.predictor
    spoil(store, put)

    for _ in range(2):
        clock.now += SECONDS
        assert model.predictor is before

    for line in logged(capsys):
        assert (line["event"], line["level"], line["served"]) == (
            "bundle not reloaded",
            "error",
            before.version,
        )
        assert reason in line["reason"]
        [metric] = line["_aws"]["CloudWatchMetrics"]
        assert (metric["Namespace"], metric["Dimensions"]) == ("Predictions", [["FunctionName"]])
        assert (metric["Metrics"][0]["Name"], line["BundlesRefused"]) == ("BundlesRefused", 1)
        assert line["FunctionName"] == "Function"
    store.cut = None
    mended = put(weight=4.0)
    clock.now += SECONDS
    assert model.predictor.version == mended


def test_descriptions_and_threshold_may_change(model: BundleReloader, clock: Clock, put: Put) -> None:
    size, *others = FIELDS
    line = Field(name="size", type="number", minimum=0, maximum=100, unit="cm", description="New.", example=4)
    assert size != line
    version = put(fields=(line, *others), threshold=0.4)

    clock.now += SECONDS

    assert model.predictor.version == version


def test_a_request_stops_waiting_for_a_slow_store_and_a_later_one_continues(
    model: BundleReloader, clock: Clock, put: Put, store: ObjectStore, wait: Wait
) -> None:
    # Given a store that has not sent the new bundle when a request stops waiting
    before, version = model.predictor, put(weight=2.0)
    store.body_gate.clear()
    wait.gives_up = True
    clock.now += SECONDS

    # When further requests come before the next check is due
    assert all(model.predictor is before for _ in range(3))

    # Then only the first one waited
    assert wait.limits == [reload.PATIENCE_SECONDS]

    # When the store sends it during the wait of the next check
    wait.gives_up, wait.before = False, store.body_gate.set
    clock.now += SECONDS

    # Then that wait was for the same reload
    assert model.predictor.version == version
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


def test_a_start_serves_the_bundle_of_the_object(
    start: Callable[[], BundleReloader], put: Put, store: ObjectStore
) -> None:
    version = put(weight=2.0)

    assert start().predictor.version == version
    assert store.statuses == [200]


@pytest.mark.parametrize("spoil", [_delete, _garbage, _wrong_answers, _other_fields])
def test_a_start_without_a_valid_object_serves_the_deployed_bundle(
    start: Callable[[], BundleReloader],
    clock: Clock,
    put: Put,
    store: ObjectStore,
    spoil: Callable[[ObjectStore, Put], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    deployed = put(weight=1.0)
    spoil(store, put)

    model = start()

    assert model.predictor.version == deployed
    assert [(line["event"], line["served"]) for line in logged(capsys)] == [("bundle not reloaded", None)]
    version = put(weight=2.0)
    clock.now += SECONDS
    assert model.predictor.version == version


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

    def __init__(self, model: BundleReloader) -> None:
        self.answers: list[dict[str, Any]] = []
        self.failures: list[Exception] = []
        self._model = model
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
                predictor = self._model.predictor
                body = json.loads(predictor.answer(b'{"instances":[{"size":1},{"size":1},{"size":1}]}'))
                self.answers.append(body | {"expected_version": predictor.version})
            except Exception as error:
                self.failures.append(error)


def test_every_answer_is_of_one_version_during_reloads(
    store: ObjectStore, put: Put, start: Callable[[], BundleReloader], clock: Clock
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
