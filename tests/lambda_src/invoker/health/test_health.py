"""Health of one model; test_several_models.py has that of several."""

import base64
import json
import time
from types import ModuleType

import pytest

from tests.lambda_src.events import GOOD, HEALTH, ROW, assert_problem, document, get
from tests.lambda_src.sagemaker_runtime import (
    ARTIFACTS,
    Answer,
    Bytes,
    Runtime,
    fault,
    model_error,
    prediction,
)

OLDER = {"name": "tiny", "version": "older"}
NOW = 1_767_225_600.0


def described(**members: str) -> Answer:
    return Answer(body=json.dumps(members).encode())


def test_health_reports_the_version_that_answers_and_the_state_of_the_endpoint(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    runtime.respond(prediction({**GOOD, "model": OLDER}), state=described(EndpointStatus="Updating"))

    answer = invoker.handler(HEALTH, None)

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    found = document(answer)
    assert found == {
        "status": "ok",
        "state": "Updating",
        "model": OLDER,
        "expected_version": "abc",
        "checked_at": "2026-01-01T00:00:00Z",
    }
    [question], [description] = runtime.requests, runtime.descriptions
    assert json.loads(question.body) == ROW
    assert (description.method, description.path) == ("POST", "/")
    assert description.headers["x-amz-target"] == "SageMaker.DescribeEndpoint"
    assert json.loads(description.body) == {"EndpointName": "Tiny"}


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({"State": "Active", "LastUpdateStatus": "Successful"}, "Active"),
        ({"State": "Active", "LastUpdateStatus": "InProgress"}, "Updating"),
        ({"State": "Active", "LastUpdateStatus": "Failed"}, "UpdateFailed"),
        ({"State": "Pending", "LastUpdateStatus": "InProgress"}, "Pending"),
        ({"State": "Active"}, "Active"),
    ],
)
def test_health_reports_the_state_of_a_function(
    function_invoker: ModuleType, runtime: Runtime, members: dict[str, str], state: str
) -> None:
    body = base64.b64encode(json.dumps(GOOD).encode()).decode()
    answer = prediction({"status": 200, "content_type": "application/json", "body": body})
    runtime.respond(answer, state=described(**members))

    found = document(function_invoker.handler(HEALTH, None))

    assert (found["state"], found["model"]) == (state, GOOD["model"])
    [description] = runtime.descriptions
    assert (description.method, description.path) == (
        "GET",
        "/2015-03-31/functions/TinyModel/configuration",
    )
    assert json.loads(base64.b64decode(json.loads(runtime.requests[0].body)["body"])) == ROW


@pytest.mark.parametrize("state", ["Creating", "Failed", "OutOfService", "RollingBack"])
def test_without_a_prediction_health_is_503_with_the_state_and_the_reason(
    invoker: ModuleType, runtime: Runtime, state: str
) -> None:
    unknown = fault("ValidationError", Message="Endpoint Tiny of account 1 not found.")
    runtime.respond(unknown, state=described(EndpointStatus=state))

    answer = invoker.handler(HEALTH, None)

    assert_problem(answer, 503, retry_after="10")
    found = document(answer)
    assert found["detail"] == f"The model is not ready to answer. Its state is {state}."
    assert (found["state"], found["model"], found["expected_version"]) == (state, None, "abc")
    assert "checked_at" in found


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(model_error(422, "{}"), id="the golden row is refused"),
        pytest.param(model_error(500, "{}"), id="the model fails"),
        pytest.param(fault("ThrottlingException"), id="throttled"),
        pytest.param(fault("AccessDeniedException", status=403), id="no permission"),
        pytest.param(prediction({"no": "model"}), id="no model"),
        pytest.param(prediction({"model": "tiny"}), id="a model that is a name"),
        pytest.param(prediction({"model": []}), id="a model that is a list"),
        pytest.param(Answer(body=b"a,b", headers={"content-type": "text/csv"}), id="CSV"),
        pytest.param(Bytes(end="reset"), id="the connection is lost"),
    ],
)
def test_every_failure_of_a_prediction_makes_health_503(
    invoker: ModuleType, runtime: Runtime, answer: Answer | Bytes
) -> None:
    runtime.respond(answer)

    found = invoker.handler(HEALTH, None)

    assert_problem(found, 503, retry_after="10")
    assert document(found)["state"] == "InService"
    assert document(found)["model"] is None


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(fault("AccessDeniedException", status=400), id="no permission"),
        pytest.param(Answer(body=b"[]"), id="a list"),
        pytest.param(Answer(body=b"{}"), id="no status"),
        pytest.param(Answer(body=b"<html>"), id="no JSON"),
    ],
)
def test_a_state_that_cannot_be_read_is_unknown_and_the_models_are_healthy(
    invoker: ModuleType, runtime: Runtime, state: Answer | Bytes
) -> None:
    runtime.respond(prediction(GOOD), state=state)

    answer = invoker.handler(HEALTH, None)

    assert answer["statusCode"] == 200
    assert document(answer)["state"] == "Unknown"


def test_a_failed_check_is_logged_with_its_cause(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(model_error(500, ""))

    invoker.handler(HEALTH, None)

    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["cause"], found["found"], found["original_status"]) == ("not_ready", "model_failed", 500)


def test_head_is_answered_as_get_without_a_body(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))
    well = invoker.handler(get("/health", method="HEAD"), None)

    assert (well["statusCode"], well["body"]) == (200, "")
    assert well["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(Answer(status=403), id="absent or denied"),
        pytest.param(Answer(status=500), id="S3 fails"),
        pytest.param(Answer(body=b"{}"), id="no golden row"),
        pytest.param(Answer(body=b"<html>"), id="no JSON"),
        pytest.param(Bytes(end="reset"), id="the connection is lost"),
    ],
)
def test_a_manifest_that_cannot_be_read_makes_health_503_until_it_can(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, manifest: Answer | Bytes
) -> None:
    runtime.respond(prediction(GOOD))
    now, good = time.time(), runtime.objects[f"{ARTIFACTS}/manifest.json"]
    monkeypatch.setitem(runtime.objects, f"{ARTIFACTS}/manifest.json", manifest)

    failed = invoker.handler(HEALTH, None)
    runtime.objects[f"{ARTIFACTS}/manifest.json"] = good
    monkeypatch.setattr(time, "time", lambda: now + 11)
    later = invoker.handler(HEALTH, None)

    assert_problem(failed, 503, retry_after="10")
    assert "could not be read from the artifact bucket" in document(failed)["detail"]
    assert later["statusCode"] == 200


def test_the_manifest_is_read_once(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.respond(prediction(GOOD))
    now = time.time()
    assert invoker.handler(HEALTH, None)["statusCode"] == 200
    monkeypatch.setitem(runtime.objects, f"{ARTIFACTS}/manifest.json", Answer(status=403))
    monkeypatch.setattr(time, "time", lambda: now + 11)

    assert invoker.handler(HEALTH, None)["statusCode"] == 200
