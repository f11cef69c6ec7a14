"""States Release, Shift and Undo: the stack is updated by one parameter, and golden rows flow meanwhile."""

import json
from typing import Any

import pytest

from tests.lambda_src.retraining.conftest import CHALLENGER, CHAMPION, Place, Start
from tests.local.polling import PATIENT_WAITER


def parameters(place: Place) -> dict[str, str]:
    [stack] = place.aws.client("cloudformation").describe_stacks(StackName=place.name)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}


def wait(place: Place) -> None:
    waiter = place.aws.client("cloudformation").get_waiter("stack_update_complete")
    waiter.wait(StackName=place.name, WaiterConfig=PATIENT_WAITER)


def release(start: Start, version: str, state: str = "Release") -> dict[str, str]:
    replaces = CHALLENGER if state == "Undo" else CHAMPION
    event = {"version": version, "replaces": replaces, "execution": "arn:one", "state": state}
    found: dict[str, str] = start("releaser").handler(event, None)
    return found


def test_a_release_changes_one_parameter_and_undoing_is_the_same_act(place: Place, start: Start) -> None:
    released = release(start, CHALLENGER)
    wait(place)
    assert parameters(place) == {"ReleasedVersion": CHALLENGER, "Paused": "false"}

    undone = release(start, CHAMPION, "Undo")
    wait(place)
    assert parameters(place)["ReleasedVersion"] == CHAMPION
    assert len({"", released["token"], undone["token"]}) == 3


def test_a_version_that_serves_already_needs_no_update(place: Place, start: Start) -> None:
    release(start, CHALLENGER)
    wait(place)

    assert release(start, CHALLENGER, "Again") == {"version": CHALLENGER, "token": ""}


@pytest.mark.parametrize(("version", "state"), [(CHALLENGER, "Release"), (CHAMPION, "Undo")])
def test_a_version_that_someone_else_has_released_since_goes_on_serving(
    place: Place, start: Start, version: str, state: str
) -> None:
    place.release("cccccccccccc")

    with pytest.raises(Exception, match="Version cccccccccccc was released by someone else"):
        release(start, version, state)

    assert parameters(place)["ReleasedVersion"] == "cccccccccccc"


class Api:
    """The API of a stack, whose answers a test decides.

    Args:
        start: Imports the handlers.
        monkeypatch: Replaces the client of the API.
    """

    def __init__(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        self.verifier = start("verifier")
        self.version = CHALLENGER
        self.probability = 0.25
        monkeypatch.setenv("PREDICT_URL", "https://api/v1/predict")
        monkeypatch.setenv("HEALTH_URL", "https://api/v1/health")
        monkeypatch.setattr(self.verifier.GoldenRequests, "_send", self.send)
        monkeypatch.setattr(self.verifier.GoldenRequests, "_credentials", lambda *_: {})
        monkeypatch.setattr(self.verifier.time, "sleep", lambda _: None)

    def send(self, _method: str, url: str, *_: Any) -> Any:
        model = {"name": "tiny", "version": self.version}
        answers = {
            "/health": {"status": "ok", "model": model},
            "/predict": {
                "model": model,
                "predictions": [{"label": "yes", "probability": self.probability, "warnings": []}],
            },
        }
        from lambda_src.retraining.resources.golden_requests import ApiAnswer

        return ApiAnswer(200, answers[url.removeprefix("https://api/v1")])

    def verify(self) -> dict[str, Any]:
        found: dict[str, Any] = self.verifier.handler({"step": "verify", "version": CHALLENGER}, None)
        return found


@pytest.fixture
def api(place: Place, start: Start, monkeypatch: pytest.MonkeyPatch) -> Api:
    golden = [{"instance": {"size": 1}, "prediction": {"label": "yes", "probability": 0.25}}]
    place.put(f"models/tiny/{CHALLENGER}/manifest.json", json.dumps({"golden": golden}))
    return Api(start, monkeypatch)


def test_the_golden_rows_and_the_version_prove_a_release(api: Api) -> None:
    assert api.verify() == {"passes": True, "reason": ""}


def test_another_number_or_another_version_is_no_proof(api: Api) -> None:
    api.probability = 0.2502
    assert "1 of 1 golden rows differ: row 0 gets" in api.verify()["reason"]

    api.version = CHAMPION
    assert api.verify() == {
        "passes": False,
        "reason": f"GET /health answers 200 with version {CHAMPION}, not {CHALLENGER}.",
    }


def test_an_answer_of_the_version_before_is_asked_for_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.version = CHAMPION

    def shift(_seconds: float) -> None:
        api.version = CHALLENGER

    monkeypatch.setattr(api.verifier.time, "sleep", shift)

    assert api.verify() == {"passes": True, "reason": ""}


class Context:
    """Lambda's context object."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 300_000


def test_the_end_of_the_update_is_told_with_the_rows_that_were_sent(
    place: Place, start: Start, api: Api
) -> None:
    token = release(start, CHALLENGER)["token"]

    event = {"step": "shift", "version": CHALLENGER, "token": token}
    found = api.verifier.handler(event, Context)

    assert (found["status"], found["reason"], found["failed"]) == ("Done", "", 0)
    assert parameters(place)["ReleasedVersion"] == CHALLENGER


@pytest.mark.parametrize(
    ("status", "token", "found", "reason"),
    [
        # There was nothing to update: the stack has the version, and an update before was rolled back.
        ("UPDATE_ROLLBACK_COMPLETE", "", "Done", ""),
        ("UPDATE_ROLLBACK_COMPLETE", "one", "Failed", "The stack is UPDATE_ROLLBACK_COMPLETE: "),
        (
            "UPDATE_ROLLBACK_FAILED",
            "one",
            "Stuck",
            "`aws cloudformation continue-update-rollback --stack-name ",
        ),
    ],
)
def test_the_end_of_the_update_decides_what_follows(
    api: Api, monkeypatch: pytest.MonkeyPatch, status: str, token: str, found: str, reason: str
) -> None:
    monkeypatch.setattr(api.verifier.ServedStack, "status", status)

    told = api.verifier.handler({"step": "shift", "version": CHALLENGER, "token": token}, Context)

    assert told["status"] == found
    assert reason in told["reason"]
