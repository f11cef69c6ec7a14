"""Default values of settings, by stage and hosting."""

from collections.abc import Mapping
from typing import Any

DEFAULT_STAGE = "dev"
DEFAULT_HOSTING = "realtime"

_MEMORY_MB = 2048
_MAX_PRODUCTION_INSTANCES = 4


def default_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the default of every setting except model and bundle.

    Args:
        given: The settings of the context, parsed; some defaults depend on them.
    """
    is_production = given.get("stage", DEFAULT_STAGE) == "prod"
    hosting = given.get("hosting", DEFAULT_HOSTING)
    return {
        "models": (),
        "stage": DEFAULT_STAGE,
        "hosting": DEFAULT_HOSTING,
        "auth": "key",
        "api_logging_role": "own",
        "waf": False,
        "alarm_email": None,
        "budget": None,
        "cors_origins": (),
        **_instance_settings(given, is_production=is_production),
        "data_capture_percent": _capture_percent(given, is_production=is_production),
        "memory_mb": None if hosting == "realtime" else _MEMORY_MB,
        "max_concurrency": _max_concurrency(hosting, is_production=is_production),
        "reload": 0,
    }


def _capture_percent(given: Mapping[str, Any], *, is_production: bool) -> int:
    # Captured data is for SageMaker Model Monitor, which supports single-model endpoints only:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html
    is_monitored = given.get("hosting", DEFAULT_HOSTING) == "realtime" and not given.get("models")
    return 10 if is_production and is_monitored else 0


def _instance_settings(given: Mapping[str, Any], *, is_production: bool) -> dict[str, Any]:
    count = 2 if is_production else 1
    least = given.get("instance_count", count)
    return {
        "instance_type": "ml.m5.large",
        "instance_count": count,
        "max_instance_count": max(least, _MAX_PRODUCTION_INSTANCES) if is_production else least,
    }


def _max_concurrency(hosting: str, *, is_production: bool) -> int | None:
    # For lambda it would reserve a part of the account's concurrency, so it has no default there.
    if hosting != "serverless":
        return None
    return 20 if is_production else 5
