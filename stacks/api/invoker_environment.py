"""What the invoker is told of the models it asks, in the variables of its environment."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Token

from bundle import Manifest
from stacks.settings.settings import SettingsError

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MOST_BYTES = 4096
# What only CloudFormation knows are names of endpoints and functions.
_LONGEST_NAME = "n" * 64


def describe_models(manifests: Sequence[Manifest]) -> dict[str, str]:
    """The version of each model and a row that it answers."""
    if len(manifests) == 1:
        [manifest] = manifests
        return {"HEALTH_INSTANCE": json.dumps(_shortest_row(manifest)), "MODEL_VERSION": manifest.version}
    models = {
        manifest.name: {"version": manifest.version, "instance": _shortest_row(manifest)}
        for manifest in manifests
    }
    return {"MODELS": json.dumps(models, separators=(",", ":"))}


def check_size(environment: Mapping[str, str], models: Sequence[str]) -> None:
    """Sees to it that a function can hold the environment.

    Args:
        environment: All variables.
        models: The names of the models they tell of.

    Raises:
        SettingsError: When it cannot.
    """
    size = len(json.dumps({name: _longest(value) for name, value in environment.items()}))
    if size > _MOST_BYTES:
        raise SettingsError(
            f"The invoker's environment would have {size:,} bytes, with a row to try each of "
            f"{', '.join(models)}, and a function holds {_MOST_BYTES:,}: deploy fewer models together, or "
            "ones with shorter golden rows, or leave cors_origins out."
        )


def _longest(value: str) -> str:
    return _LONGEST_NAME if Token.is_unresolved(value) else value


def _shortest_row(manifest: Manifest) -> dict[str, Any]:
    return min((golden.instance for golden in manifest.golden), key=lambda row: len(json.dumps(row)))
