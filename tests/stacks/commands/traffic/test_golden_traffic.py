"""Golden rows that are sent while an endpoint is updated, with responses and states of the test."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bundle import Golden, Manifest
from smoke.api import ApiClient, with_key
from stacks.commands.traffic.golden_traffic import GoldenRequest, GoldenTraffic, golden_rows
from tests.smoke.web import ReceivedRequest, serving
from tests.tiny_bundle import tiny_manifest

NEW, OLD = "0123456789ab", "ba9876543210"
NO, YES = {"label": "no", "probability": 0.25}, {"label": "yes", "probability": 0.75}
MANIFEST = tiny_manifest(
    version=NEW,
    golden=(Golden(instance={"size": 0.0}, prediction=NO), Golden(instance={"size": 1.0}, prediction=YES)),
)

Reply = Callable[[ReceivedRequest], tuple[int, Any]]


def answer(prediction: dict[str, Any], version: str) -> tuple[int, Any]:
    return 200, {"predictions": [prediction], "model": {"name": "tiny", "version": version}}


def right(request: ReceivedRequest) -> tuple[int, Any]:
    """The response of the new version."""
    return answer(YES if request.json["size"] else NO, NEW)


def client(url: str) -> ApiClient:
    return ApiClient(
        predict_url=f"{url}/predict", health_url="", authorize=with_key("secret"), patience=0, seconds=60
    )


def traffic(
    url: str,
    *,
    is_updating: Callable[[], bool] = lambda: True,
    manifests: Sequence[Manifest] = (MANIFEST,),
) -> GoldenTraffic:
    clients = {manifest.name: client(f"{url}/{manifest.name}") for manifest in manifests}
    return GoldenTraffic(is_updating=is_updating, load_rows=lambda: golden_rows(clients, manifests))


def report(reply: Reply, *, steps: int = 3) -> str:
    with serving(reply) as web:
        sender = traffic(web.url)
        for _ in range(steps):
            sender.step()
    return sender.report()


def test_golden_rows_are_sent_in_turn_while_the_endpoint_is_updated() -> None:
    states = iter([False, True, True, True, False])

    with serving(right) as web:
        sender = traffic(web.url, is_updating=lambda: next(states))
        for _ in range(5):
            sender.step()

    assert [request.json["size"] for request in web.requests] == [0.0, 1.0, 0.0]
    assert sender.report() == "Golden rows during the update: 3 sent, 0 failed."


def test_the_rows_of_several_models_take_turns_although_one_has_more() -> None:
    other = tiny_manifest(name="other", version=NEW, golden=MANIFEST.golden[:1])

    with serving(right) as web:
        sender = traffic(web.url, manifests=(MANIFEST, other))
        for _ in range(4):
            sender.step()

    assert [(request.path, request.json["size"]) for request in web.requests] == [
        *(("/tiny/predict", 0.0), ("/other/predict", 0.0), ("/tiny/predict", 1.0), ("/tiny/predict", 0.0))
    ]


def test_without_an_update_no_row_is_loaded_and_nothing_reported() -> None:
    def load() -> list[GoldenRequest]:
        raise AssertionError("there is no update")

    sender = GoldenTraffic(is_updating=lambda: False, load_rows=load)

    sender.step()

    assert sender.report() == ""


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (lambda _: (500, {"detail": "no model"}), "3 failed (the first: tiny answers 500 no model)."),
        (lambda _: (429, {}), "3 failed (the first: tiny answers 429)."),
        (
            lambda _: answer(NO, NEW),
            f"1 failed (the first: version {NEW} of tiny misses a golden prediction).",
        ),
        (lambda _: answer(NO, OLD), "0 failed."),
    ],
    ids=["error", "throttled", "wrong prediction", "the version before predicts otherwise"],
)
def test_failures_are_counted_and_the_first_one_is_shown(reply: Reply, failure: str) -> None:
    assert report(reply) == f"Golden rows during the update: 3 sent, {failure}"


def test_a_refused_row_ends_the_sending_because_refusals_raise_an_alarm() -> None:
    with serving(lambda _: (422, {"detail": "size is missing"})) as web:
        sender = traffic(web.url)
        sender.step()
        sender.step()

    assert len(web.requests) == 1
    assert sender.report() == (
        "Golden rows during the update: 1 sent, 0 failed; no more after a refusal: "
        "tiny answers 422 size is missing."
    )


def test_rows_that_cannot_be_loaded_are_asked_for_once() -> None:
    loads = []

    def load() -> list[GoldenRequest]:
        loads.append(1)
        raise PermissionError("apigateway:GET\nis not allowed.")

    sender = GoldenTraffic(is_updating=lambda: True, load_rows=load)

    sender.step()
    sender.step()

    assert len(loads) == 1
    assert sender.report() == "No golden rows were sent during the update: apigateway:GET is not allowed."


def test_a_state_that_cannot_be_read_is_asked_for_again() -> None:
    errors = [RuntimeError("no\nnetwork")]

    def is_updating() -> bool:
        if errors:
            raise errors.pop()
        return True

    with serving(right) as web:
        sender = traffic(web.url, is_updating=is_updating)
        sender.step()
        assert sender.report() == "No golden rows were sent during the update: no network."
        sender.step()

    assert sender.report() == "Golden rows during the update: 1 sent, 1 failed (the first: no network)."


def test_an_api_without_a_response_is_a_failure_and_the_key_is_not_shown() -> None:
    with serving(right) as web:
        url = web.url
    sender = traffic(url)

    sender.step()

    found = sender.report()
    assert found.startswith(
        "Golden rows during the update: 1 sent, 1 failed (the first: POST http://127.0.0.1"
    )
    assert "secret" not in found
