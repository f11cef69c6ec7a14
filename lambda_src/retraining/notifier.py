"""State Notify: the outcome of a run, as a mail and as the output of the execution."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

from .failure import reason_of

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_MAX_SUBJECT = 100
_COLUMNS = ("champion", "challenger", "difference", "low", "high")

RELEASED, WAITS, REFUSED, UNDONE, NOTHING, FAILED = (
    "released",
    "awaiting-approval",
    "refused",
    "undone",
    "nothing-to-do",
    "failed",
)


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Mails the outcome, if there is a topic, and returns it.

    Args:
        event: `outcome`, and `state`: all that the states have found.

    Raises:
        ClientError: SNS refuses the message.
    """
    outcome, found = str(event["outcome"]), event["state"]
    sentence = _sentence(outcome, found)
    told = {
        "outcome": outcome,
        "sentence": sentence,
        "because": (found.get("run") or {}).get("because", ""),
        "version": (found.get("registered") or {}).get("version", ""),
        "champion": (found.get("run") or {}).get("champion", ""),
        "reasons": (found.get("registered") or {}).get("reasons", []),
    }
    print(json.dumps(told))
    topic = os.environ.get("TOPIC")
    # Runs that have found nothing to do would be a mail for each file that arrives.
    if topic and (outcome != NOTHING or found.get("mailed")):
        boto3.client("sns", config=_CONFIG).publish(
            TopicArn=topic,
            Subject=f"{os.environ['STACK_NAME']}: {outcome.replace('-', ' ')}"[:_MAX_SUBJECT],
            Message="\n\n".join([sentence, *_details(found), f"Execution: {event['execution']}"]),
        )
    return told


def _sentence(outcome: str, found: Mapping[str, Any]) -> str:
    run, registered = found.get("run") or {}, found.get("registered") or {}
    version, champion = registered.get("version", "?"), run.get("champion", "?")
    if outcome == RELEASED:
        return (
            f"Version {version} serves, in the place of {champion}: it gives its golden rows through the API."
        )
    if outcome == WAITS:
        return (
            f"Version {version} has passed the judge and waits for approval; {champion} serves. Approve it "
            f"with `make promote VERSION={version}`, or in the model registry of SageMaker."
        )
    if outcome == REFUSED:
        return f"The judge refuses version {version}; {champion} goes on serving."
    if outcome == UNDONE:
        return (
            f"Version {version} was released and failed in service; {champion} serves again: "
            f"{reason_of(found)}"
        )
    if outcome == NOTHING:
        return str(found.get("reason", ""))
    return f"The run has failed, and {champion} is the version that served before it: {reason_of(found)}"


def _details(found: Mapping[str, Any]) -> Sequence[str]:
    registered, data = found.get("registered") or {}, (found.get("run") or {}).get("data")
    details = []
    if registered.get("reasons"):
        details.append("\n".join(registered["reasons"]))
    if figures := registered.get("figures"):
        lines = ["".join(f"{name:>20}" for name in ("metric", *_COLUMNS))]
        lines += [
            "".join(f"{text:>20}" for text in (name, *(figure.get(column, "") for column in _COLUMNS)))
            for name, figure in figures.items()
        ]
        details.append("\n".join(lines))
    if registered.get("verdict"):
        details.append(f"Verdict: {registered['verdict']}")
    if data:
        details.append(f"Rows: {data['objects']:,} objects of {data['bytes']:,} bytes in {data['uri']}")
    return details
