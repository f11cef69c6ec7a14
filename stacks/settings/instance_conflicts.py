"""Conflicts between the settings of instances."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.settings.instance_types import has_guardrails, is_burstable
from stacks.settings.parsers import MAX_INSTANCES

SettingValues = Mapping[str, Any]

INSTANCE_SETTINGS = ("instance_type", "instance_count", "max_instance_count")


def check_instances(given: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence for each setting of instances in a hosting without any."""
    if values["hosting"] == "realtime":
        return
    for name in INSTANCE_SETTINGS:
        if name in given:
            yield (
                f"The setting {name} is {given[name]!r}, and hosting {values['hosting']} has no instances: "
                f"leave {name} out, or set hosting to realtime."
            )


def check_instance_counts(_: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence when the maximum is below the minimum."""
    least, most = values["instance_count"], values["max_instance_count"]
    if values["hosting"] == "realtime" and most < least:
        yield (
            f"The setting max_instance_count is {most}, and instance_count is {least}: "
            f"set max_instance_count to a whole number from {least} to {MAX_INSTANCES}, "
            "or instance_count to no more than it."
        )


def check_instance_type(_: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence for each feature of the endpoint that SageMaker lacks for the instance type."""
    if values["hosting"] != "realtime":
        return
    instance_type = values["instance_type"]
    least, most = values["instance_count"], values["max_instance_count"]
    if is_burstable(instance_type) and most > least:
        yield (
            f"The setting instance_type is {instance_type!r}, and SageMaker does not scale burstable "
            f"instances: set instance_type to another, such as ml.m5.large, or max_instance_count to {least}."
        )
    if not has_guardrails(instance_type):
        yield (
            f"The setting instance_type is {instance_type!r}, and SageMaker updates Inf1 instances without "
            "canary and rollback: set instance_type to another, such as ml.m5.large."
        )
