"""Conflicts between settings whose values are valid one by one."""

from collections.abc import Callable, Iterable, Iterator, Set
from typing import NamedTuple

from api import stack_name_of
from stacks.settings.function_conflicts import (
    FUNCTION_SETTINGS,
    check_function_settings,
    check_packaging,
    check_reload,
    check_scoring,
    check_serverless_limits,
    check_snapstart,
)
from stacks.settings.instance_conflicts import (
    INSTANCE_SETTINGS,
    SettingValues,
    check_instance_counts,
    check_instance_type,
    check_instances,
)
from stacks.settings.instance_types import is_accelerated
from stacks.settings.parsers import MAX_STACK_NAME_LENGTH
from stacks.settings.retraining.conflicts import TRAINING_SETTINGS, check_retraining, check_unused


class _Rule(NamedTuple):
    settings: Set[str]
    find: Callable[[SettingValues, SettingValues], Iterable[str]]


def find_conflicts(given: SettingValues, values: SettingValues, *, wrong: Set[str]) -> Iterator[str]:
    """Yields one sentence for each conflict, with the change that resolves it.

    Args:
        given: The settings of the context, parsed.
        values: All settings, defaults included.
        wrong: Names of settings with an invalid value; rules that read them are skipped.
    """
    for rule in _RULES:
        if not rule.settings & wrong:
            yield from rule.find(given, values)


def _check_data_capture(_: SettingValues, values: SettingValues) -> Iterator[str]:
    percent = values["data_capture_percent"]
    if values["hosting"] == "serverless" and percent > 0:
        yield (
            f"The setting data_capture_percent is {percent}, and hosting serverless captures no data: set "
            "data_capture_percent to 0, or hosting to realtime or lambda."
        )


def _check_monitor(_: SettingValues, values: SettingValues) -> Iterator[str]:
    if (monitor := values["monitor"]) == "off":
        return
    if models := ",".join(values["models"]):
        yield (
            f"The setting monitor is {monitor!r}, and models is {models!r}, and it compares one model: leave "
            "monitor out, or models."
        )
    if values["data_capture_percent"] == 0:
        yield (
            f"The setting monitor is {monitor!r}, and data_capture_percent is 0, so that there is nothing to "
            "compare: set data_capture_percent to 100, or leave monitor out."
        )


def _check_scoring_data(_: SettingValues, values: SettingValues) -> Iterator[str]:
    if (folder := values["scoring_data"]) is None:
        return
    if models := ",".join(values["models"]):
        yield (
            f"The setting scoring_data is {folder!r}, and models is {models!r}, whose files nothing "
            "scores: leave scoring_data out, or models."
        )


def _check_several_models(given: SettingValues, values: SettingValues) -> Iterator[str]:
    if not (models := ",".join(values["models"])):
        return
    if values["hosting"] != "realtime":
        yield (
            f"The setting models is {models!r}, and hosting {values['hosting']} holds one model: "
            "leave models out, or set hosting to realtime."
        )
    if "bundle" in given:
        yield (
            f"The setting bundle is {given['bundle']!r}, and models is {models!r}, whose bundles are in "
            "build/: leave bundle out, or models."
        )
    # https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
    if is_accelerated(instance_type := values["instance_type"]):
        yield (
            f"The setting instance_type is {instance_type!r}, and SageMaker hosts several models on "
            "accelerators in NVIDIA's image only: set instance_type to one without, such as ml.m5.large."
        )


def _check_detailed_observability(_: SettingValues, values: SettingValues) -> Iterator[str]:
    if values["detailed_observability"] and values["hosting"] != "realtime":
        yield (
            f"The setting detailed_observability is true, and hosting {values['hosting']} has none: "
            "set detailed_observability to false, or hosting to realtime."
        )


def _check_idle_hours(_: SettingValues, values: SettingValues) -> Iterator[str]:
    if (hours := values["idle_hours"]) and values["hosting"] != "realtime":
        yield (
            f"The setting idle_hours is {hours}, and hosting {values['hosting']} costs nothing while nobody "
            "asks: leave idle_hours out, or set hosting to realtime."
        )


def _check_quota(_: SettingValues, values: SettingValues) -> Iterator[str]:
    # A quota belongs to a usage plan, and a usage plan counts requests by API key:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
    if values["monthly_quota"] is not None and values["auth"] == "iam":
        yield (
            f"The setting monthly_quota is {values['monthly_quota']}, and auth iam has no API key whose "
            "requests are counted: leave monthly_quota out, or set auth to key."
        )


def _check_stack_name(given: SettingValues, values: SettingValues) -> Iterator[str]:
    name = stack_name_of(values["models"], values["stage"])
    if "stack_name" not in given and len(name) > MAX_STACK_NAME_LENGTH:
        yield (
            f"The setting models is {','.join(values['models'])!r}, and the name of its stack would have "
            f"{len(name)} characters: set stack_name to one of {MAX_STACK_NAME_LENGTH} at most."
        )


def _check_budget(_: SettingValues, values: SettingValues) -> Iterator[str]:
    if values["budget"] is not None and values["alarm_email"] is None:
        yield (
            f"The setting budget is {values['budget']:g}, and alarm_email is not set: "
            "set alarm_email to the address of its notifications, or leave budget out."
        )


def _check_previous_hosting(given: SettingValues, values: SettingValues) -> Iterator[str]:
    before, hosting = given.get("previous_hosting"), values["hosting"]
    if {before, hosting} == {"realtime", "serverless"}:
        yield (
            f"The setting hosting is {hosting!r}, and the deployed stack has {before}, which SageMaker does "
            f"not change in place: leave hosting at {before}, set stack_name to another name, "
            "or destroy the stack first."
        )


_RULES = (
    _Rule({"hosting", *INSTANCE_SETTINGS}, check_instances),
    _Rule({"hosting", "stage", "instance_count", "max_instance_count"}, check_instance_counts),
    _Rule({"hosting", "stage", *INSTANCE_SETTINGS}, check_instance_type),
    _Rule({"hosting", "stage", "data_capture_percent"}, _check_data_capture),
    _Rule({"models", "data_capture_percent", "monitor"}, _check_monitor),
    _Rule({"models", "scoring_data"}, _check_scoring_data),
    _Rule({"hosting", *FUNCTION_SETTINGS}, check_function_settings),
    _Rule({"hosting", *FUNCTION_SETTINGS}, check_serverless_limits),
    _Rule({"hosting", "packaging"}, check_packaging),
    _Rule({"hosting", "packaging", "snapstart"}, check_snapstart),
    _Rule({"reload", "hosting", "bundle"}, check_reload),
    _Rule({"scoring_data", "inbox", "hosting", "alarm_email"}, check_scoring),
    _Rule({"retrain", "data", "models", "monitor", "reload"}, check_retraining),
    _Rule({"retrain", *TRAINING_SETTINGS}, check_unused),
    _Rule({"models", "hosting", "bundle", "instance_type"}, _check_several_models),
    _Rule({"hosting", "detailed_observability"}, _check_detailed_observability),
    _Rule({"hosting", "idle_hours"}, _check_idle_hours),
    _Rule({"auth", "monthly_quota"}, _check_quota),
    _Rule({"models", "stage", "stack_name"}, _check_stack_name),
    _Rule({"budget", "alarm_email"}, _check_budget),
    _Rule({"hosting", "previous_hosting"}, _check_previous_hosting),
)
