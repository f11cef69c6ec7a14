"""Reload of an invalid bundle: it is refused, and the bundle before it or the deployed one is served."""

from collections.abc import Callable

import pytest

from bundle import Field, Golden
from serving.lambda_function.reload import BundleReloader
from tests.serving.clock import FakeClock
from tests.serving.lambda_function.object_store import ObjectStore
from tests.serving.lambda_function.reload_parts import SECONDS, Put, logged
from tests.tiny_bundle import EXAMPLE, FIELDS

WRONG = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.9}),)


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
    reloader: BundleReloader,
    clock: FakeClock,
    put: Put,
    store: ObjectStore,
    spoil: Callable[[ObjectStore, Put], None],
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = reloader.predictor
    spoil(store, put)

    for _ in range(2):
        clock.now += SECONDS
        assert reloader.predictor is before

    lines = logged(capsys)
    assert len(lines) == 2
    for line in lines:
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
    assert reloader.predictor.version == mended


@pytest.mark.parametrize("spoil", [_delete, _garbage, _wrong_answers, _other_fields])
def test_a_start_without_a_valid_object_serves_the_deployed_bundle(
    start: Callable[[], BundleReloader],
    clock: FakeClock,
    put: Put,
    store: ObjectStore,
    spoil: Callable[[ObjectStore, Put], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    deployed = put(weight=1.0)
    spoil(store, put)

    reloader = start()

    assert reloader.predictor.version == deployed
    assert [(line["event"], line["served"]) for line in logged(capsys)] == [("bundle not reloaded", None)]
    version = put(weight=2.0)
    clock.now += SECONDS
    assert reloader.predictor.version == version
