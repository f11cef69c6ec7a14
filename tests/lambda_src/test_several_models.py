"""The invoker in front of one endpoint with several models."""

import dataclasses
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
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
    """Of each test's own: what one left behind would ask another's a second time."""
    with serve() as runtime:
        yield runtime


@pytest.fixture
def invoker(start_invoker: Import, runtime: Runtime) -> ModuleType:
    runtime.respond(prediction(GOOD, version="abc"), big=prediction(BIG, version="def"))
    return start_invoker(runtime.url, MODELS=json.dumps(MODELS))


def ask(invoker: ModuleType, name: str, body: str = "{}", **event: Any) -> dict[str, Any]:
    """POST /<name>/predict."""
    answer: dict[str, Any] = invoker.handler(post(body, resource=f"/{name}/predict", **event), None)
    return answer


@pytest.mark.parametrize(("name", "good", "version"), [("tiny", GOOD, "abc"), ("big", BIG, "def")])
def test_each_route_asks_its_own_model_of_the_one_endpoint(
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
def test_a_model_that_is_not_there_is_not_found_and_those_that_are_get_named(
    invoker: ModuleType, runtime: Runtime, resource: str
) -> None:
    answer = invoker.handler(post("{}", resource=resource), None)

    assert_problem(answer, 404)
    assert document(answer)["detail"] == (
        "There is POST /tiny/predict, POST /big/predict, GET /health and GET /openapi.json."
    )
    assert runtime.requests == []


def test_a_method_that_a_models_route_has_not_is_told_which_it_has(invoker: ModuleType) -> None:
    answer = invoker.handler(get("/big/predict"), None)

    assert_problem(answer, 405)
    assert answer["headers"]["allow"] == "POST"
    assert "/big/predict" in document(answer)["detail"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param(model_error(500, ""), 502, id="it fails"),
        pytest.param(model_error(422, "{}"), 422, id="it refuses the rows"),
        pytest.param(fault("ThrottlingException"), 429, id="it is throttled"),
        pytest.param(Bytes(end="reset"), 502, id="its connection is lost"),
    ],
)
def test_what_goes_wrong_with_one_model_leaves_the_other(
    invoker: ModuleType, runtime: Runtime, said: Answer | Bytes, status: int
) -> None:
    runtime.respond(said, big=prediction(BIG))

    assert_problem(ask(invoker, "tiny"), status, retry_after="1" if status == 429 else None)
    assert document(ask(invoker, "big")) == BIG


def test_calls_that_one_model_never_answers_are_not_in_the_others_way(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(HANGS, big=prediction(BIG))
    hurried = post("{}", resource="/tiny/predict")
    with ThreadPoolExecutor() as threads:
        late = list(threads.map(lambda _: invoker.handler(hurried, Context(seconds=0.6)), range(9)))

    assert {answer["statusCode"] for answer in late} == {504, 502}
    assert document(ask(invoker, "big")) == BIG


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(fault("ModelNotReadyException", status=429), id="it is being downloaded or loaded"),
        pytest.param(NOT_LOADED, id="it is not loaded"),
        pytest.param(model_error(409, "{}"), id="it is loaded a second time"),
        pytest.param(model_error(507, "{}"), id="there is no memory for it"),
        pytest.param(fault("ValidationError"), id="its archive is not there"),
    ],
)
def test_a_model_that_cannot_be_had_is_not_ready_and_the_request_not_to_blame(
    invoker: ModuleType, runtime: Runtime, said: Answer
) -> None:
    runtime.respond(said)

    answer = ask(invoker, "tiny")

    assert_problem(answer, 503, retry_after="10")
    assert document(answer)["detail"] == "The model is not ready to answer."


def test_a_model_that_is_loaded_when_it_is_first_asked_is_waited_for(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(dataclasses.replace(prediction(GOOD), seconds=3.5))

    assert ask(invoker, "tiny")["statusCode"] == 200
    assert len(runtime.requests) == 1


def test_health_asks_every_model_its_own_row_and_tells_their_versions(
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


def test_health_without_an_answer_of_one_names_it_and_tells_the_same_of_all(
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
def test_health_is_told_within_a_second_whichever_model_is_slow(
    invoker: ModuleType, runtime: Runtime, slow: Answer | Bytes
) -> None:
    runtime.respond(prediction(GOOD), big=slow)
    start = time.monotonic()

    answer = invoker.handler(HEALTH, Context())

    assert time.monotonic() - start < 1
    assert_problem(answer, 503, retry_after="10")
    assert document(answer)["detail"].startswith("big: The model did not answer in time.")
    assert document(answer)["models"]["tiny"]["version"] == "abc"


def test_many_models_are_asked_all_at_once(
    start_invoker: Import, runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"model_{number}" for number in range(20)]
    invoker = start_invoker(runtime.url, MODELS=json.dumps(dict.fromkeys(names, MODELS["tiny"])))
    runtime.respond(dataclasses.replace(prediction(GOOD), seconds=0.3))

    answer = invoker.handler(HEALTH, None)

    assert answer["statusCode"] == 200
    assert set(document(answer)["models"]) == set(names)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []


def test_health_is_asked_again_only_after_ten_seconds(
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
