"""What a setting is when nobody sets it: by the stage and the hosting."""

from collections.abc import Mapping
from typing import Any

DEFAULT_STAGE = "dev"
DEFAULT_HOSTING = "realtime"

_MEMORY_MB = 2048
_MOST_PRODUCTION_INSTANCES = 4


def preset(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of all settings but the model and its bundle.

    Args:
        given: The settings that somebody set; the others follow from them.
    """
    production = given.get("stage", DEFAULT_STAGE) == "prod"
    hosting = given.get("hosting", DEFAULT_HOSTING)
    return {
        "models": (),
        "stage": DEFAULT_STAGE,
        "hosting": DEFAULT_HOSTING,
        "auth": "key",
        "waf": False,
        "alarm_email": None,
        "budget": None,
        "cors_origins": (),
        **_instances(given, production=production),
        "data_capture_percent": _captured(given, production=production),
        "memory_mb": None if hosting == "realtime" else _MEMORY_MB,
        "max_concurrency": _concurrency(hosting, production=production),
        "reload": 0,
    }


def _captured(given: Mapping[str, Any], *, production: bool) -> int:
    # What is captured is for SageMaker's Model Monitor, which knows endpoints of one model only:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html
    is_monitored = given.get("hosting", DEFAULT_HOSTING) == "realtime" and not given.get("models")
    return 10 if production and is_monitored else 0


def _instances(given: Mapping[str, Any], *, production: bool) -> dict[str, Any]:
    count = 2 if production else 1
    least = given.get("instance_count", count)
    return {
        "instance_type": "ml.m5.large",
        "instance_count": count,
        "max_instance_count": max(least, _MOST_PRODUCTION_INSTANCES) if production else least,
    }


def _concurrency(hosting: str, *, production: bool) -> int | None:
    # For lambda it would take a share of the account's concurrency, which nobody gets without asking.
    if hosting != "serverless":
        return None
    return 20 if production else 5
