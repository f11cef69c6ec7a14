"""Parsers of the settings of retraining; each raises ValueError with what is allowed."""

import difflib
import functools
from typing import Any, Literal

from botocore.loaders import Loader

from stacks.settings.instance_types import is_arm
from stacks.settings.retraining.schedule import is_schedule

Approve = Literal["auto", "manual"]

# Values of retrain other than a schedule.
OFF, MANUAL, MONTHLY, ON_DATA, ON_DRIFT = "off", "manual", "monthly", "data", "drift"
WORDS = (OFF, MANUAL, MONTHLY, ON_DATA, ON_DRIFT)
# The first day of each month, 06:00 UTC.
_MONTHLY_CRON = "cron(0 6 1 * ? *)"


def parse_retrain(value: Any) -> str:
    """Returns when a retraining starts."""
    if value in WORDS:
        return str(value)
    if isinstance(value, str) and is_schedule(value):
        return value
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
