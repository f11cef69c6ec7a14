"""Environment variables of the invoker that describe the models."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Token

from bundle import Manifest
from stacks.settings.settings import SettingsError

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MAX_BYTES = 4096
# Tokens are names of endpoints and functions, of 64 characters at most.
_TOKEN_STAND_IN = "n" * 64


def describe_models(manifests: Sequence[Manifest]) -> dict[str, str]:
    """Returns variables with the version of each model and the row of its health check."""
    if len(manifests) == 1:
        [manifest] = manifests
        return {"HEALTH_INSTANCE": json.dumps(_shortest_row(manifest)), "MODEL_VERSION": manifest.version}
    models = {
        manifest.name: {"version": manifest.version, "instance": _shortest_row(manifest)}
        for manifest in manifests
    }
    return {"MODELS": json.dumps(models, separators=(",", ":"))}


def check_size(environment: Mapping[str, str], models: Sequence[str]) -> None:
    """Checks the environment against Lambda's limit of 4 KB.

    Args:
        environment: All variables of the function.
        models: Names of the models, for the message.

    Raises:
        SettingsError: When the environment is over the limit.
    """
    size = len(json.dumps({name: _with_stand_in(value) for name, value in environment.items()}))
    if size > _MAX_BYTES:
        raise SettingsError(
            f"The invoker's environment would have {size:,} bytes, with a row to try each of "
            f"{', '.join(models)}, and a function holds {_MAX_BYTES:,}: deploy fewer models together, or "
            "ones with shorter golden rows, or leave cors_origins out."
        )


def _with_stand_in(value: str) -> str:
    return _TOKEN_STAND_IN if Token.is_unresolved(value) else value


def _shortest_row(manifest: Manifest) -> dict[str, Any]:
    return min((golden.instance for golden in manifest.golden), key=lambda row: len(json.dumps(row)))
