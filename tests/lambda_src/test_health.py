import base64
import dataclasses
import json
import time
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, HEALTH, ROW, Context, assert_problem, document, get
from tests.lambda_src.sagemaker_runtime import (
    IN_SERVICE,
    Answer,
    Bytes,
    Runtime,
    fault,
    model_error,
    prediction,
)

OLDER = {"name": "tiny", "version": "older"}


def described(**members: str) -> Answer:
    return Answer(body=json.dumps(members).encode())


def test_health_is_a_prediction_that_works_now_its_version_and_the_endpoints_state(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(prediction({**GOOD, "model": OLDER}), state=described(EndpointStatus="Updating"))

    answer = invoker.handler(HEALTH, None)

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    found = document(answer)
    checked = datetime.strptime(found.pop("checked_at"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - checked).total_seconds()) < 5
    assert found == {"status": "ok", "state": "Updating", "model": OLDER, "expected_version": "abc"}
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
def test_of_a_function_it_tells_the_functions_state(
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
def test_without_an_answer_it_is_503_with_the_same_members_and_why(
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
def test_whatever_keeps_a_prediction_from_working_is_503(
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
        pytest.param(Answer(status=None), id="hangs"),
        pytest.param(Bytes(drip=b"H"), id="drips"),
    ],
)
def test_a_state_that_cannot_be_had_is_unknown_and_a_prediction_works_all_the_same(
    invoker: ModuleType, runtime: Runtime, state: Answer | Bytes
) -> None:
    runtime.respond(prediction(GOOD), state=state)

    answer = invoker.handler(HEALTH, None)

    assert answer["statusCode"] == 200
    assert document(answer)["state"] == "Unknown"


@pytest.mark.parametrize("model", [{}, {"FUNCTION_NAME": "Tiny"}], ids=["endpoint", "function"])
@pytest.mark.parametrize("slow", [Answer(status=None), Bytes(drip=b"H")], ids=["hangs", "drips"])
def test_health_is_told_within_a_second(
    start_invoker: Import, runtime: Runtime, slow: Answer | Bytes, model: dict[str, str]
) -> None:
    invoker = start_invoker(runtime.url, **model)
    runtime.respond(slow, state=slow)
    start = time.monotonic()

    answer = invoker.handler(HEALTH, Context())

    assert time.monotonic() - start < 1
    assert_problem(answer, 503, retry_after="10")
    assert document(answer)["state"] == "Unknown"


def test_both_questions_are_asked_at_once(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(
        dataclasses.replace(prediction(GOOD), seconds=0.45),
        state=dataclasses.replace(IN_SERVICE, seconds=0.45),
    )

    answer = invoker.handler(HEALTH, None)

    assert (answer["statusCode"], document(answer)["state"]) == (200, "InService")


@pytest.mark.parametrize("answer", [prediction(GOOD), model_error(500, "")], ids=["well", "not well"])
def test_it_is_asked_again_only_after_ten_seconds(
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


def test_a_failure_is_in_the_log_with_what_was_found(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(model_error(500, ""))

    invoker.handler(HEALTH, None)

    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["cause"], found["found"], found["original_status"]) == ("not_ready", "model_failed", 500)


def test_head_is_answered_like_get_without_a_body(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))
    well = invoker.handler(get("/health", method="HEAD"), None)

    assert (well["statusCode"], well["body"]) == (200, "")
    assert well["headers"]["content-type"] == "application/json"
