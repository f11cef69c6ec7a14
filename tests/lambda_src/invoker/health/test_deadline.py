"""Deadline of a health check, and how long its result is kept."""

import json
import threading
import time
from types import ModuleType
from typing import Any

import pytest

from lambda_src.invoker.health import GoldenRow, HealthCheck
from lambda_src.invoker.model_call import Deadline, ModelRequest, ModelResponse
from lambda_src.invoker.problem import ProblemError
from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, HEALTH, ROW, Context, assert_problem, document
from tests.lambda_src.sagemaker_runtime import Answer, Bytes, Runtime, model_error, prediction


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Host:
    """A model that answers at once, or never; in both cases every deadline has passed then."""

    def __init__(self, clock: Clock, *, answers: bool = True) -> None:
        self.clock = clock
        self.answers = answers
        self.end = threading.Event()
        self.seconds = 0.0

    def invoke(self, _request: ModelRequest, deadline: Deadline) -> ModelResponse:
        self.seconds = deadline.remaining()
        if not self.answers:
            self.end.wait()
        self.clock.now += 60
        return ModelResponse(json.dumps(GOOD), "application/json", "abc")

    def row(self) -> GoldenRow:
        return GoldenRow(self, read=lambda _: json.dumps(ROW), expected_version="abc")


def in_service(_deadline: Deadline) -> str:
    return "InService"


def test_a_state_that_is_late_is_unknown_and_the_models_are_healthy() -> None:
    clock, end = Clock(), threading.Event()

    def late(_deadline: Deadline) -> str:
        end.wait()
        return "InService"

    health = HealthCheck({"": Host(clock).row()}, host_state=late, seconds=30)

    assert health.check(Deadline(60, clock=clock))["state"] == "Unknown"
    end.set()


def test_a_model_that_is_late_is_not_ready() -> None:
    clock = Clock()
    host = Host(clock, answers=False)
    health = HealthCheck({"": host.row()}, host_state=in_service, seconds=0.01)

    with pytest.raises(ProblemError, match="The model did not answer in time") as raised:
        health.check(Deadline(60, clock=clock))

    assert raised.value.evidence == {"found": "out_of_time"}
    host.end.set()


@pytest.mark.parametrize(("left", "seconds"), [(9.5, 0.8), (0.5, 0.5)])
def test_a_check_takes_at_most_eight_tenths_of_a_second(left: float, seconds: float) -> None:
    clock = Clock()
    host = Host(clock)

    HealthCheck({"": host.row()}, host_state=in_service).check(Deadline(left, clock=clock))

    assert host.seconds == pytest.approx(seconds)


@pytest.mark.parametrize("slow", [Answer(status=None), Bytes(drip=b"H")], ids=["hangs", "drips"])
@pytest.mark.parametrize("host", [{}, {"FUNCTION_NAME": "Tiny"}], ids=["endpoint", "function"])
@pytest.mark.usefixtures("_unlimited_client")
def test_a_host_that_does_not_answer_makes_health_503_at_the_deadline(
    start_invoker: Import, runtime: Runtime, slow: Answer | Bytes, host: dict[str, str]
) -> None:
    invoker = start_invoker(runtime.url, **host)
    runtime.respond(slow, state=slow)

    answer = invoker.handler(HEALTH, Context(seconds=0.6))

    assert_problem(answer, 503, retry_after="10")
    assert document(answer)["state"] == "Unknown"


def test_the_prediction_and_the_state_are_requested_at_the_same_time(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(prediction(GOOD), at_once=2)

    answer = invoker.handler(HEALTH, None)

    assert (answer["statusCode"], document(answer)["state"]) == (200, "InService")


@pytest.mark.parametrize("answer", [prediction(GOOD), model_error(500, "")], ids=["well", "not well"])
def test_a_check_is_repeated_only_after_ten_seconds(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    runtime.respond(answer)
    now = time.time()
    found: list[dict[str, Any]] = []
    for passed in (0, 9.9, 10.1):
        monkeypatch.setattr(time, "time", lambda passed=passed: now + passed)
        found.append(invoker.handler({**HEALTH, "requestContext": {"requestId": f"after-{passed}"}}, None))

    assert len(runtime.requests) == len(runtime.descriptions) == 2
    checked = [document(answer)["checked_at"] for answer in found]
    assert checked[0] == checked[1] != checked[2]
    assert [answer["headers"]["x-request-id"] for answer in found] == ["after-0", "after-9.9", "after-10.1"]
    assert len({answer["statusCode"] for answer in found}) == 1
