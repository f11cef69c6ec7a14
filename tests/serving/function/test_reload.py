"""A model that follows its object in S3, over real sockets."""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from bundle import Field, Golden, interface_of
from serving.function import reload as fresh
from serving.function.model_data import ModelData, ModelSource
from serving.function.reload import FreshModel, Served, load
from serving.function.s3 import S3
from tests.serving.object_store import URL, ObjectStore, object_store
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
    """Puts a bundle into the object; its version."""

    def put(**parts: Any) -> str:
        path = tmp_path / "put.tar.gz"
        version = write_tiny_bundle(path, **parts).manifest.version
        store.body = path.read_bytes()
        return version

    return put


class Clock:
    """The time of the day, which stands still unless it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(store: ObjectStore, clock: Clock, tmp_path: Path) -> Callable[[], FreshModel]:
    """Starts a function whose deployed bundle has weight 1."""

    def start() -> FreshModel:
        source = ModelSource(URL, S3(store.environment))

        def deployed() -> Served:
            bundle = write_tiny_bundle(tmp_path / "deployed.tar.gz")
            return load(ModelData(bundle, '"deployed"'))

        return FreshModel(
            source,
            deployed=deployed,
            interface=interface_of(tiny_manifest()),
            every=SECONDS,
            function="Function",
            clock=clock,
        )

    return start


@pytest.fixture
def model(start: Callable[[], FreshModel], put: Put) -> FreshModel:
    put(weight=1.0)
    return start()


def notices(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_changed_object_answers_the_next_request_after_the_time(
    model: FreshModel, clock: Clock, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    before = model.predictor.version
    version = put(weight=2.0)

    clock.now += SECONDS - 1
    assert model.predictor.version == before
    clock.now += 1
    assert model.predictor.version == version

    [told] = notices(capsys)
    assert (told["event"], told["level"]) == ("bundle reloaded", "info")
    assert (told["served"], told["version"], told["bundle"]) == (before, version, URL)


def test_it_is_looked_once_in_the_time_however_many_ask(
    model: FreshModel, clock: Clock, store: ObjectStore
) -> None:
    predictor = model.predictor

    for _ in range(3):
        clock.now += SECONDS
        assert all(model.predictor is predictor for _ in range(10))

    assert store.statuses == [200, 304, 304, 304]


def test_a_clock_that_was_set_back_is_no_reason_to_wait(
    model: FreshModel, clock: Clock, store: ObjectStore
) -> None:
    clock.now -= 1_000_000

    assert model.predictor
    assert store.statuses == [200, 304]


def test_two_changes_at_once_leave_the_last(model: FreshModel, clock: Clock, put: Put) -> None:
    put(weight=2.0)
    version = put(weight=3.0)

    clock.now += SECONDS

    assert model.predictor.version == version


def test_a_change_while_another_is_read_is_seen_the_next_time(
    model: FreshModel, clock: Clock, put: Put, store: ObjectStore
) -> None:
    second = put(weight=2.0)
    store.body_gate.clear()
    clock.now += SECONDS
    asked = threading.Thread(target=lambda: model.predictor)
    asked.start()
    wait_for(lambda: len(store.statuses) == 2)
    third = put(weight=3.0)
    store.body_gate.set()
    asked.join()

    assert model.predictor.version == second
    clock.now += SECONDS
    assert model.predictor.version == third


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


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
        (_other_model, "than the API was deployed for (the name): deploy it."),
        (_other_fields, "than the API was deployed for (the field colour): deploy it."),
        (_wrong_answers, "answers its golden row with"),
    ],
)
def test_what_cannot_be_served_is_told_and_counted_and_the_old_one_goes_on(
    model: FreshModel,
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

    for told in notices(capsys):
        assert (told["event"], told["level"], told["served"]) == (
            "bundle not reloaded",
            "error",
            before.version,
        )
        assert reason in told["reason"]
        [metric] = told["_aws"]["CloudWatchMetrics"]
        assert (metric["Namespace"], metric["Dimensions"]) == ("Predictions", [["FunctionName"]])
        assert (metric["Metrics"][0]["Name"], told["BundlesRefused"]) == ("BundlesRefused", 1)
        assert told["FunctionName"] == "Function"
    store.cut = None
    mended = put(weight=4.0)
    clock.now += SECONDS
    assert model.predictor.version == mended


def test_what_is_only_said_of_fields_may_change(model: FreshModel, clock: Clock, put: Put) -> None:
    size, *others = FIELDS
    told = Field(name="size", type="number", minimum=0, maximum=100, unit="cm", description="New.", example=4)
    assert size != told
    version = put(fields=(told, *others), threshold=0.4)

    clock.now += SECONDS

    assert model.predictor.version == version


def test_a_slow_store_makes_no_request_late_and_is_waited_for_in_the_next(
    model: FreshModel, clock: Clock, put: Put, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "PATIENCE_SECONDS", 0.1)
    before, version = model.predictor, put(weight=2.0)
    store.body_gate.clear()
    clock.now += SECONDS

    begun = time.monotonic()
    assert model.predictor is before
    late = time.monotonic() - begun
    assert 0.1 <= late < 1
    assert model.predictor is before
    assert time.monotonic() - begun - late < 0.1

    monkeypatch.undo()
    threading.Timer(0.05, store.body_gate.set).start()
    clock.now += SECONDS
    assert model.predictor.version == version
    assert store.statuses == [200, 200]


def test_a_start_serves_what_is_in_the_object(
    start: Callable[[], FreshModel], put: Put, store: ObjectStore
) -> None:
    version = put(weight=2.0)

    assert start().predictor.version == version
    assert store.statuses == [200]


@pytest.mark.parametrize("spoil", [_delete, _garbage, _wrong_answers, _other_fields])
def test_a_start_without_a_good_object_serves_what_was_deployed_until_there_is_one(
    start: Callable[[], FreshModel],
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
    assert [(told["event"], told["served"]) for told in notices(capsys)] == [("bundle not reloaded", None)]
    version = put(weight=2.0)
    clock.now += SECONDS
    assert model.predictor.version == version


def test_a_start_does_not_wait_for_a_slow_store(
    start: Callable[[], FreshModel], put: Put, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "_START_SECONDS", 0.2)
    deployed = put(weight=1.0)
    put(weight=2.0)
    store.gate.clear()

    begun = time.monotonic()

    assert start().predictor.version == deployed
    assert time.monotonic() - begun < 2


class Crowd:
    """Clients that ask until they are told to stop."""

    def __init__(self, model: FreshModel) -> None:
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
                self.answers.append(body | {"said": predictor.version})
            except Exception as error:
                self.failures.append(error)


def test_no_answer_is_lost_or_mixed_while_models_are_swapped(
    store: ObjectStore, put: Put, start: Callable[[], FreshModel], clock: Clock
) -> None:
    made = [(put(weight=weight), weight, store.body) for weight in (1.0, 2.0)]
    probabilities = {version: 1 / (1 + math.exp(-weight)) for version, weight, _ in made}

    with Crowd(start()) as crowd:
        for turn in range(30):
            store.body, looks = made[turn % 2][2], len(store.statuses)
            clock.now += SECONDS
            wait_for(lambda looks=looks: len(store.statuses) > looks)  # type: ignore[misc]  # as of a default

    assert crowd.failures == []
    assert {answer["said"] for answer in crowd.answers} == probabilities.keys()
    for answer in crowd.answers:
        assert answer["model"]["version"] == answer["said"]
        expected = pytest.approx(probabilities[answer["said"]], abs=1e-5)
        assert [found["probability"] for found in answer["predictions"]] == [expected] * 3
