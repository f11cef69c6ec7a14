"""The stack in every stage and hosting, with every optional construct, and with several models."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

STAGES_AND_HOSTINGS = [
    (stage, hosting) for stage in ("dev", "prod") for hosting in ("realtime", "serverless", "lambda")
]
SWITCHES: dict[str, Any] = {
    "auth": "iam",
    "waf": "true",
    "alarm_email": "team@example.com",
    "budget": "150",
    "data_capture_percent": "25",
    "monitor": "daily",
    "detailed_observability": "true",
    "scoring_data": "own",
    "cors_origins": "https://app.example.com,http://localhost:3000",
}

SCORED: dict[str, Any] = {
    "hosting": "lambda",
    "scoring_data": "own",
    "inbox": "on",
    "alarm_email": "team@example.com",
    "data_capture_percent": "25",
    "monitor": "hourly",
}
RETRAINED: dict[str, Any] = {
    "hosting": "lambda",
    "data_capture_percent": "100",
    "monitor": "daily",
    "retrain": "drift",
    "data": "own",
    "weather": "own",
    "alarm_email": "team@example.com",
}
RETRAINED_ELSEWHERE: dict[str, Any] = {
    "retrain": "data",
    "data": "s3://rows/a/b",
    "weather": "s3://weather",
    "auth": "iam",
}
RETRAINED_MONTHLY: dict[str, Any] = {"retrain": "monthly", "data": "own"}
SCORED_ELSEWHERE: dict[str, Any] = {"hosting": "lambda", "scoring_data": "s3://rows/a/b"}
RELOADED: dict[str, Any] = {
    "hosting": "lambda",
    "bundle": "s3://models/a/model.tar.gz",
    "reload": "60",
    "scoring_data": "own",
    "data_capture_percent": "25",
    "monitor": "weekly",
}


@pytest.fixture(scope="session")
def variants(stacks: "Stacks", several: "Synthesis", synthesizer: "Synthesizer") -> "dict[str, Synthesis]":
    """Validated stacks that together have every resource there is, by a name."""
    plain = {f"{stage}-{hosting}": stacks(stage, hosting) for stage, hosting in STAGES_AND_HOSTINGS}
    everything = synthesizer.one(is_validated=True, **SWITCHES)
    reloaded = synthesizer.one(is_validated=True, **RELOADED)
    scored = synthesizer.one(is_validated=True, **SCORED)
    elsewhere = synthesizer.one(is_validated=True, **SCORED_ELSEWHERE)
    return plain | {
        "everything": everything,
        "several models": several,
        "reloaded": reloaded,
        "scored": scored,
        "scored elsewhere": elsewhere,
        "retrained": synthesizer.one(is_validated=True, **RETRAINED),
        "retrained elsewhere": synthesizer.one(is_validated=True, **RETRAINED_ELSEWHERE),
    }
