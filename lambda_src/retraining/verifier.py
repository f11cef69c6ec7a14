"""States Shift and Verify: golden rows through the API, while the stack is updated and after it."""

import itertools
import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

from .resources.golden_requests import ApiAnswer, GoldenRequests
from .resources.served_stack import ServedStack

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
_SECONDS_BETWEEN_ROWS = 1.0
# Largest difference between a golden number and the served one: GOLDEN_TOLERANCE of bundle/.
_TOLERANCE = 1e-4
# Members of a prediction that a golden row does not state.
_UNCHECKED = frozenset({"warnings", "interval"})
_DONE = "UPDATE_COMPLETE"
# CloudFormation waits for a person, and the stack refuses each update until then:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
_STUCK = "UPDATE_ROLLBACK_FAILED"
_GO_ON = (
    "`aws cloudformation continue-update-rollback --stack-name {stack}` goes on, once the cause is removed"
)
_HEALTH_CHECKS = 8
_SECONDS_BETWEEN_CHECKS = 5.0
_SHOWN = 3


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Does the step of the state that calls.

    Args:
        event: `step`, `version`, and for shift `token`.
        context: Lambda's context, which has the time left.

    Returns:
        For shift: `status` with Updating, Done, Failed or Stuck, `reason`, and the golden rows that were
        `sent` and `failed`. For verify: `passes` and `reason`.

    Raises:
        ClientError: AWS refuses a request.
    """
    environment = os.environ
    api = GoldenRequests(
        predict_url=environment["PREDICT_URL"],
        health_url=environment["HEALTH_URL"],
        key_id=environment.get("API_KEY_ID", ""),
    )
    rows = _golden_rows(event["version"])
    if event["step"] == "verify":
        reason = _missed(api, rows, event["version"])
        return {"passes": not reason, "reason": reason}
    stack = ServedStack(boto3.client("cloudformation", config=_CONFIG), environment["STACK"])
    # The last 45 seconds are kept for the answer to the last row, and for reading the state of the stack.
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - 45
    return _shift(stack, api, rows, token=event["token"], deadline=deadline)


def _shift(
    stack: ServedStack,
    api: GoldenRequests,
    rows: Sequence[Mapping[str, Any]],
    *,
    token: str,
    deadline: float,
) -> dict[str, Any]:
    """Sends a golden row each second until CloudFormation is done: the alarms of a canary need requests."""
    sent = failed = 0
    turns = itertools.cycle(rows)
    while (status := stack.status).endswith("_IN_PROGRESS") and time.monotonic() < deadline:
        # A row is not repeated: the alarms count the errors that clients see.
        answer = api.predict(next(turns)["instance"], attempts=1)
        sent, failed = sent + 1, failed + (answer.status != 200)
        time.sleep(_SECONDS_BETWEEN_ROWS)
    found = {"sent": sent, "failed": failed}
    if status.endswith("_IN_PROGRESS"):
        return {"status": "Updating", "reason": "", **found}
    # Without a token there was nothing to update, whatever became of the update before.
    if status == _DONE or (not token and status.endswith("_COMPLETE")):
        return {"status": "Done", "reason": "", **found}
    reason = (token and stack.failure(token)) or "CloudFormation gives no reason"
    sentence = f"The stack is {status}: {reason}"
    if status == _STUCK:
        way_out = _GO_ON.format(stack=os.environ["STACK_NAME"])
        return {"status": "Stuck", "reason": f"{sentence.rstrip('. ')}. {way_out}.", **found}
    return {"status": "Failed", "reason": sentence, **found}


def _missed(api: GoldenRequests, rows: Sequence[Mapping[str, Any]], version: str) -> str:
    """Returns what is wrong with the answers to the golden rows, in a sentence; "" for nothing."""
    if reason := _unhealthy(api, version):
        return reason
    wrong = [
        f"row {number} gets {_shown(answer)}"
        for number, row in enumerate(rows)
        if not _is_golden(answer := api.predict(row["instance"]), row["prediction"], version)
    ]
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    listed = "; ".join(wrong[:_SHOWN])
    return f"{len(wrong)} of {len(rows)} golden rows differ: {listed}{more}." if wrong else ""


def _unhealthy(api: GoldenRequests, version: str) -> str:
    """Returns why the health check is not that of a version; "" when it is.

    The invoker keeps an answer for ten seconds, and has less than a second for one, unlike a cold start.
    """
    for _ in range(_HEALTH_CHECKS):
        health = api.health()
        if health.status == 200 and health.version == version:
            return ""
        time.sleep(_SECONDS_BETWEEN_CHECKS)
    return f"GET /health answers {health} with version {health.version or 'none'}, not {version}."


def _is_golden(answer: ApiAnswer, golden: Mapping[str, Any], version: str) -> bool:
    if answer.status != 200 or answer.version != version:
        return False
    [*predictions] = answer.body.get("predictions") or ()
    return len(predictions) == 1 and (
        predictions[0].keys() - _UNCHECKED == golden.keys()
        and all(_is_close(predictions[0][name], value) for name, value in golden.items())
    )


def _is_close(found: Any, golden: Any) -> bool:
    if isinstance(found, int | float) and isinstance(golden, int | float):
        # Seven digits of a number above 1,000 are coarser than the tolerance.
        return abs(found - golden) <= max(_TOLERANCE, abs(golden) * 1e-6)
    return bool(found == golden)


def _shown(answer: ApiAnswer) -> str:
    if answer.status != 200:
        return str(answer)
    return f"{json.dumps(answer.body.get('predictions'))} of version {answer.version or 'none'}"


def _golden_rows(version: str) -> list[Mapping[str, Any]]:
    """Returns the golden rows of the manifest beside the bundle of a version."""
    found = boto3.client("s3", config=_CONFIG).get_object(
        Bucket=os.environ["BUCKET"], Key=f"{os.environ['MODELS']}/{version}/manifest.json"
    )
    rows: list[Mapping[str, Any]] = json.loads(found["Body"].read())["golden"]
    return rows
