"""Default values of settings, by stage and hosting."""

from collections.abc import Mapping
from typing import Any

from stacks.settings.parsers import MAX_BURST

DEFAULT_STAGE = "dev"
DEFAULT_HOSTING = "realtime"

_MEMORY_MB = 2048
_MAX_PRODUCTION_INSTANCES = 4
_IDLE_HOURS = 24
# Many times what the flagship takes; it limits what a job that hangs can cost.
_TRAINING_HOURS = 4
# Every day of the week twice.
_JUDGE_DAYS = 14
# It limits what an unnoticed loop of a client can cost, and is far below what one instance answers.
_RATE_LIMIT = 100


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
        # Not chosen by what is installed here: every machine must make the same template.
        "packaging": "zip" if hosting == "lambda" else None,
        # A snapshot is paid for by the hour, which a trial would not expect.
        "snapstart": is_production and hosting == "lambda" and given.get("packaging", "zip") == "zip",
        "auth": "key",
        "page": "on",
        "rate_limit": _RATE_LIMIT,
        "burst_limit": min(2 * given.get("rate_limit", _RATE_LIMIT), MAX_BURST),
        "monthly_quota": None,
        "api_logging_role": "own",
        "waf": False,
        "alarm_email": None,
        "budget": None,
        "cors_origins": (),
        **_instance_settings(given, is_production=is_production),
        # Rows of requests are personal data where the model's fields are: captured only when asked.
        "data_capture_percent": 0,
        "monitor": "off",
        # https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch-detailed-observability.html
        "detailed_observability": False,
        "idle_hours": _IDLE_HOURS if hosting == "realtime" else 0,
        "memory_mb": None if hosting == "realtime" else _MEMORY_MB,
        "max_concurrency": _max_concurrency(hosting, is_production=is_production),
        "reload": 0,
        # The role of the model, or of a function, may write to S3 only when asked.
        "scoring_data": None,
        "inbox": "off",
        # Training costs money, and a release changes what serves: both only when asked.
        "retrain": "off",
        "data": None,
        "approve": "manual",
        "training_instance_type": "ml.m5.xlarge",
        "training_spot": False,
        "weather": None,
        "judge_days": _JUDGE_DAYS,
        "training_hours": _TRAINING_HOURS,
    }


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
