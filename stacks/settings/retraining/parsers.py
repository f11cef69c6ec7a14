"""Parsers of the settings of retraining; each raises ValueError with what is allowed."""

import difflib
import functools
import re
from typing import Any, Literal

from botocore.loaders import Loader

from stacks.settings.instance_types import is_arm

Approve = Literal["auto", "manual"]

# Values of retrain other than a schedule.
OFF, MANUAL, MONTHLY, ON_DATA, ON_DRIFT = "off", "manual", "monthly", "data", "drift"
WORDS = (OFF, MANUAL, MONTHLY, ON_DATA, ON_DRIFT)
# The first day of each month, 06:00 UTC.
_MONTHLY_CRON = "cron(0 6 1 * ? *)"

# The fields of a schedule of EventBridge, and the characters of each:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
_CRON_FIELDS = ("[0-9,*/-]+", "[0-9,*/-]+", "[0-9,*?/LW-]+", "[0-9A-Z,*/-]+", "[0-9A-Z,*?L#-]+", "[0-9,*/-]+")
_CRON = re.compile(rf"cron\(({') ('.join(_CRON_FIELDS)})\)")
_ANY_DAY = "?"


def parse_retrain(value: Any) -> str:
    """Returns when a retraining starts."""
    if value in WORDS:
        return str(value)
    found = _CRON.fullmatch(value) if isinstance(value, str) else None
    # One of day of month and day of week must say that it decides nothing.
    if found and (found[3] == _ANY_DAY) != (found[5] == _ANY_DAY):
        return str(value)
    raise ValueError(
        f"{', '.join(WORDS)}, or a schedule of EventBridge in UTC with six fields, such as "
        "cron(0 6 ? * MON *)"
    )


def schedule_of(retrain: str) -> str | None:
    """Returns the schedule of EventBridge for a value of retrain; None when no clock starts it."""
    if retrain == MONTHLY:
        return _MONTHLY_CRON
    return None if retrain in WORDS else retrain


def parse_training_instance_type(value: Any) -> str:
    """Returns an instance type of training jobs."""
    types = _training_instance_types()
    if value in types:
        return str(value)
    near = difflib.get_close_matches(str(value), types, n=3) or ["ml.m5.xlarge"]
    raise ValueError(f"an x86 instance type of SageMaker's training jobs, such as {', '.join(near)}")


@functools.cache
def _training_instance_types() -> tuple[str, ...]:
    """Source: the enum TrainingInstanceType in botocore's model of the SageMaker API."""
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    return tuple(name for name in shapes["TrainingInstanceType"]["enum"] if not is_arm(name))
