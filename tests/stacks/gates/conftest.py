"""The stack in every stage and hosting, with every switch on, and with several models."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stacks.synthesis import Stacks, Synthesis

STAGES_AND_HOSTINGS = [
    (stage, hosting) for stage in ("dev", "prod") for hosting in ("realtime", "serverless", "lambda")
]
SWITCHES: dict[str, Any] = {
    "auth": "iam",
    "waf": "true",
    "alarm_email": "team@example.com",
    "budget": "150",
    "cors_origins": "https://app.example.com,http://localhost:3000",
}


RELOADED: dict[str, Any] = {"hosting": "lambda", "bundle": "s3://models/a/model.tar.gz", "reload": "60"}


@pytest.fixture(scope="session")
def variants(stacks: "Stacks", several: "Synthesis", folder: Path) -> "dict[str, Synthesis]":
    from tests.stacks.synthesis import synthesize

    plain = {f"{stage}-{hosting}": stacks(stage, hosting) for stage, hosting in STAGES_AND_HOSTINGS}
    everything = synthesize(folder / "everything", bundle=str(folder / "model.tar.gz"), **SWITCHES)
    places = {"tiny": folder / "model.tar.gz"}
    reloaded = synthesize(folder / "reloaded", places=places, **RELOADED)
    return plain | {"everything": everything, "several models": several, "reloaded": reloaded}
