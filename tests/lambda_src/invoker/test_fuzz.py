import json
import random
import re
from collections import Counter
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.invoker import generated_events
from tests.lambda_src.sagemaker_runtime import Runtime

pytestmark = pytest.mark.slow

SEED, EVENTS = 20260401, 10_000
MODELS: dict[str, dict[str, Any]] = {
    "an endpoint": {"ALLOWED_ORIGINS": "*"},
    "a function": {"FUNCTION_NAME": "Tiny"},
    "several models": {
        "models": {
            "tiny": {"version": "abc", "instance": {"size": 1}},
            "other": {"version": "", "instance": {}},
        }
    },
}
HEADER_NAME = re.compile(r"[a-z][a-z0-9-]*")
HEADER_VALUE = re.compile(r"[\x20-\x7e]+")


def check(answer: dict[str, Any], method: object) -> None:
    """Checks that a response is valid for a proxy integration and its body has the shape of its status."""
    # Encoded as by Lambda's runtime, which fails on a lone surrogate.
    assert json.loads(json.dumps(answer, ensure_ascii=False).encode()) == answer
    assert set(answer) == {"statusCode", "headers", "body"}
    assert 200 <= answer["statusCode"] < 600
    for name, value in answer["headers"].items():
        assert HEADER_NAME.fullmatch(name)
        assert HEADER_VALUE.fullmatch(value)
    if method == "HEAD" or answer["statusCode"] == 204:
        assert answer["body"] == ""
    elif answer["statusCode"] != 200:
        check_problem(answer)
    elif answer["headers"]["content-type"] == "application/json":
        assert isinstance(json.loads(answer["body"]), dict)
    else:
        assert answer["headers"]["content-type"] == "text/csv"


def check_problem(answer: dict[str, Any]) -> None:
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert "Traceback" not in answer["body"]
    document = json.loads(answer["body"], parse_constant=pytest.fail)
    assert document["status"] == answer["statusCode"]
    assert document["request_id"] == answer["headers"]["x-request-id"]
    assert all(isinstance(document[name], str) for name in ("type", "title", "detail"))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_event_and_every_model_response_gives_a_valid_response(
    start_invoker: Import, runtime: Runtime, capsys: pytest.CaptureFixture[str], model: dict[str, Any]
) -> None:
    invoker = start_invoker(runtime.url, **model)
    dice = random.Random(SEED)  # noqa: S311  # no secret
    statuses: Counter[int] = Counter()
    for number in range(EVENTS // len(MODELS)):
        runtime.respond(generated_events.answer(dice, is_function="FUNCTION_NAME" in model))
        event = generated_events.event(dice)
        if "models" in model and isinstance(event, dict) and event.get("resource") == "/predict":
            event["resource"] = "/tiny/predict"
        try:
            answer = invoker.handler(event, generated_events.context(dice))
            check(answer, event.get("httpMethod") if isinstance(event, dict) else None)
        except Exception as error:
            error.add_note(
                f"Event {number} of seed {SEED}: {event!r:.2000}, answered: {runtime.answer!r:.500}"
            )
            raise
        statuses[answer["statusCode"]] += 1
    lines = capsys.readouterr().out.splitlines()

    print(f"{sum(statuses.values())} events, by status: {dict(sorted(statuses.items()))}")
    assert {200, 400, 404, 405, 413, 415, 422, 502, 503, 504} <= set(statuses)
    # An unexpected exception is logged with its traceback; the other 500s are refusals of AWS.
    assert not [line for line in lines if "Traceback" in line]
