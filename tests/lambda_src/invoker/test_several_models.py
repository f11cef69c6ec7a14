"""Invoker of one endpoint with several models."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, HEALTH, ROW, Context, assert_problem, document, get, post
from tests.lambda_src.sagemaker_runtime import (
    TARGET,
    Answer,
    Bytes,
    Runtime,
    fault,
    model_error,
    prediction,
    serve,
)

BIG_ROW = {"size": 2.0, "ü": "é"}
BIG = {"predictions": [{"value": 1.5}], "model": {"name": "big", "version": "def"}}
MODELS = {"tiny": {"version": "abc", "instance": ROW}, "big": {"version": "def", "instance": BIG_ROW}}
HANGS = Answer(status=None)
# The container's words for a model that it does not hold, which SageMaker hands on like any others.
NOT_LOADED = model_error(404, json.dumps({"status": 404, "detail": "Model 'x' is not loaded."}))


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """A runtime for each test: abandoned calls of one test must not reach another."""
    with serve() as runtime:
        yield runtime


@pytest.fixture
def invoker(start_invoker: Import, runtime: Runtime) -> ModuleType:
    runtime.respond(prediction(GOOD, version="abc"), big=prediction(BIG, version="def"))
    return start_invoker(runtime.url, models=MODELS)


def ask(invoker: ModuleType, name: str, body: str = "{}", **event: Any) -> dict[str, Any]:
    """POST /<name>/predict."""
    answer: dict[str, Any] = invoker.handler(post(body, resource=f"/{name}/predict", **event), None)
    return answer


@pytest.mark.parametrize(("name", "good", "version"), [("tiny", GOOD, "abc"), ("big", BIG, "def")])
def test_each_route_invokes_its_own_model_of_the_endpoint(
    invoker: ModuleType, runtime: Runtime, name: str, good: dict[str, Any], version: str
) -> None:
    answer = ask(invoker, name, '{"size": 1}', queryStringParameters={"on_error": "skip"})

    assert (answer["statusCode"], document(answer)) == (200, good)
    assert answer["headers"]["x-model-version"] == version
    [request] = runtime.requests
    assert (request.path, request.body) == ("/endpoints/Tiny/invocations", b'{"size": 1}')
    assert request.headers[TARGET] == f"{name}.tar.gz"
    assert request.headers["x-amzn-sagemaker-custom-attributes"] == "on_error=skip"


@pytest.mark.parametrize("resource", ["/predict", "/other/predict", "/tiny", "/tiny/predict/", "//predict"])
def test_the_error_for_an_unknown_model_names_all_routes(
    invoker: ModuleType, runtime: Runtime, resource: str
) -> None:
    answer = invoker.handler(post("{}", resource=resource), None)

    assert_problem(answer, 404)
    assert document(answer)["detail"] == (
        "There is POST /tiny/predict, POST /big/predict, GET /health and GET /openapi.json."
    )
    assert runtime.requests == []


def test_the_error_for_another_method_names_the_allowed_one(invoker: ModuleType) -> None:
    answer = invoker.handler(get("/big/predict"), None)

    assert_problem(answer, 405)
    assert answer["headers"]["allow"] == "POST"
    assert "/big/predict" in document(answer)["detail"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        pytest.param(model_error(500, ""), 502, id="it fails"),
        pytest.param(model_error(422, "{}"), 422, id="it refuses the rows"),
        pytest.param(fault("ThrottlingException"), 429, id="it is throttled"),
        pytest.param(Bytes(end="reset"), 502, id="its connection is lost"),
    ],
)
def test_a_failure_of_one_model_does_not_affect_the_other(
    invoker: ModuleType, runtime: Runtime, failure: Answer | Bytes, status: int
) -> None:
    runtime.respond(failure, big=prediction(BIG))

    assert_problem(ask(invoker, "tiny"), status, retry_after="1" if status == 429 else None)
    assert document(ask(invoker, "big")) == BIG


def test_pending_calls_of_one_model_do_not_block_those_of_another(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(HANGS, big=prediction(BIG))
    event = post("{}", resource="/tiny/predict")
    with ThreadPoolExecutor() as threads:
        late = list(threads.map(lambda _: invoker.handler(event, Context(seconds=0.6)), range(9)))

    assert {answer["statusCode"] for answer in late} == {504, 502}
    assert document(ask(invoker, "big")) == BIG


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(fault("ModelNotReadyException", status=429), id="it is being downloaded or loaded"),
        pytest.param(NOT_LOADED, id="it is not loaded"),
        pytest.param(model_error(409, "{}"), id="it is loaded a second time"),
        pytest.param(model_error(507, "{}"), id="there is no memory for it"),
        pytest.param(fault("ValidationError"), id="its archive is not there"),
    ],
)
def test_a_model_that_is_not_loaded_is_503(invoker: ModuleType, runtime: Runtime, failure: Answer) -> None:
    runtime.respond(failure)

    answer = ask(invoker, "tiny")

    assert_problem(answer, 503, retry_after="10")
    assert document(answer)["detail"] == "The model is not ready to answer."


def test_health_sends_every_model_its_own_row_and_reports_the_versions(
    invoker: ModuleType, runtime: Runtime
) -> None:
    older = {**BIG, "model": {"name": "big", "version": "older"}}
    runtime.respond(prediction(GOOD), big=prediction(older))

    answer = invoker.handler(HEALTH, None)

    assert answer["statusCode"] == 200
    found = document(answer)
    assert found.pop("checked_at")
    assert found == {
        "status": "ok",
        "state": "InService",
        "models": {
            "tiny": {"version": "abc", "expected_version": "abc"},
            "big": {"version": "older", "expected_version": "def"},
        },
    }
    asked = {request.headers[TARGET]: json.loads(request.body) for request in runtime.requests}
    assert asked == {"tiny.tar.gz": ROW, "big.tar.gz": BIG_ROW}
    assert len(runtime.descriptions) == 1


def test_health_names_the_model_that_fails_and_reports_all_versions(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(prediction(GOOD), big=model_error(500, ""))

    answer = invoker.handler(HEALTH, None)

    assert_problem(answer, 503, retry_after="10")
    found = document(answer)
    assert found["detail"] == "big: The model failed on this request. The endpoint's state is InService."
    assert found["state"] == "InService"
    assert found["models"] == {
        "tiny": {"version": "abc", "expected_version": "abc"},
        "big": {"version": None, "expected_version": "def"},
    }
    assert "checked_at" in found
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["models"]["big"]["found"] == "model_failed"
    assert "tiny" not in json.loads(line)["models"]


@pytest.mark.parametrize("slow", [HANGS, Bytes(drip=b"H")], ids=["hangs", "drips"])
def test_health_names_the_model_that_is_late(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, slow: Answer | Bytes
) -> None:
    runtime.respond(prediction(GOOD), big=slow)
    # The first join waits for the row of `tiny`, all later ones find that the deadline has passed.
    left = iter([60.0])
    health = sys.modules["lambda_src.invoker.health"]
    monkeypatch.setattr(health, "threading", SimpleNamespace(Thread=thread_type(left)))

    answer = invoker.handler(HEALTH, None)

    assert_problem(answer, 503, retry_after="10")
    assert document(answer)["detail"].startswith("big: The model did not answer in time.")
    assert document(answer)["models"]["tiny"]["version"] == "abc"


def thread_type(seconds: Iterator[float]) -> type[threading.Thread]:
    """Threads that are joined for these seconds, one after the other, and then for 0."""

    class Thread(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            super().join(next(seconds, 0 * (timeout or 0)))

    return Thread


def test_all_models_are_requested_before_any_has_answered(
    start_invoker: Import, runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"model_{number}" for number in range(20)]
    invoker = start_invoker(runtime.url, models=dict.fromkeys(names, MODELS["tiny"]))
    runtime.respond(prediction(GOOD), at_once=len(names) + len(["the state of the endpoint"]))

    answer = invoker.handler(HEALTH, None)

    assert answer["statusCode"] == 200
    assert set(document(answer)["models"]) == set(names)
    # botocore warns when its pool has fewer connections than are in use.
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []


def test_a_check_is_repeated_only_after_ten_seconds(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.respond(prediction(GOOD))
    now = time.time()
    for passed in (0, 9.9, 10.1):
        monkeypatch.setattr(time, "time", lambda passed=passed: now + passed)
        assert invoker.handler(HEALTH, None)["statusCode"] == 200

    assert sorted(request.headers[TARGET] for request in runtime.requests) == [
        "big.tar.gz",
        "big.tar.gz",
        "tiny.tar.gz",
        "tiny.tar.gz",
    ]
