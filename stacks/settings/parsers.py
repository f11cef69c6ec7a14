"""Parsers of single settings: each returns the value or raises ValueError with what is allowed."""

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from api import Auth, in_camel_case
from bundle import IDENTIFIER
from stacks.settings.data_folders import parse_data, parse_scoring_data, parse_weather
from stacks.settings.instance_types import hosted_instance_types
from stacks.settings.retraining.parsers import (
    Approve,
    parse_retrain,
    parse_training_instance_type,
)

Stage = Literal["dev", "prod"]
Hosting = Literal["realtime", "serverless", "lambda"]
Packaging = Literal["zip", "image"]
LoggingRole = Literal["own", "account"]
Switch = Literal["on", "off"]
Monitoring = Literal["off", "hourly", "daily", "weekly"]
# Hours between two runs of the monitor.
MONITOR_HOURS: Mapping[str, int] = {"hourly": 1, "daily": 24, "weekly": 168}

MAX_INSTANCES = 100
# Each has five resources of the 500 of a template:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MAX_MODELS = 80
S3_SCHEME = "s3://"
ANY_ORIGIN = "*"

_MAX_PORT = 65535
# Default quotas of an account in a region, for all its REST APIs together:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_MAX_RATE = 10_000
MAX_BURST = 5_000
_MAX_QUOTA = 2_000_000_000
# The endpoint has the stack's name: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
MAX_STACK_NAME_LENGTH = 63
# One day: a bundle that changes less often can be deployed instead.
_MAX_RELOAD_SECONDS = 86_400
# The longest evaluation of an alarm is seven days:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_MAX_IDLE_HOURS = 168
# The longest run that the default quota of an account allows, five days:
# https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
_MAX_TRAINING_HOURS = 120
_MAX_JUDGE_DAYS = 365
# The invoker has them in its environment, which holds 4 KB.
_MAX_ORIGINS_LENGTH = 1000
# Browsers omit the default port of a scheme, so an origin with it would never match.
_DEFAULT_PORTS = {"https": "443", "http": "80"}


_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_PATH = re.compile(r"[^\x00-\x1f\x7f]{0,4000}")
_S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\x00-\x1f\x7f]{1,1024}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,180}\.[^@\s.\x00-\x1f]{1,63}")
_HTTPS_ORIGIN = r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)*"
_ORIGIN = re.compile(rf"(?:{_HTTPS_ORIGIN}|http://(?:localhost|127\.0\.0\.1))(?::([1-9][0-9]{{0,4}}))?")
_DOLLARS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


def _parse_model(value: Any) -> str:
    if isinstance(value, str) and IDENTIFIER.fullmatch(value):
        return value
    raise ValueError("the name of a model: lower-case letters, digits and underscores (not last), 40 at most")


def _parse_models(value: Any) -> tuple[str, ...]:
    try:
        names = [_parse_model(part.strip()) for part in value.split(",")]
    except (AttributeError, ValueError):
        names = []
    camel_case_names = {in_camel_case(name) for name in names}
    if len(camel_case_names) == len(names) and 1 < len(names) <= _MAX_MODELS:
        return tuple(names)
    raise ValueError(
        f"the names of two models or more, {_MAX_MODELS} at most, each once, with commas between, such as "
        "first_model,second_model"
    )


def _parse_stack_name(value: Any) -> str:
    if isinstance(value, str) and len(value) <= MAX_STACK_NAME_LENGTH and _STACK_NAME.fullmatch(value):
        return value
    raise ValueError(
        f"letters, digits and single hyphens, {MAX_STACK_NAME_LENGTH} in all, with a letter first, such as "
        "Flights-2"
    )


def _parse_bundle(value: Any) -> str:
    if isinstance(value, str) and value.startswith(S3_SCHEME) and _S3_URI.fullmatch(value):
        return value
    if isinstance(value, str) and "://" not in value and value.strip() and _PATH.fullmatch(value):
        return str(Path(value).absolute())
    raise ValueError("the path of a bundle, a model.tar.gz, or its S3 URI, s3://bucket/key")


def _parse_instance_type(value: Any) -> str:
    hosted = hosted_instance_types()
    if value in hosted:
        return str(value)
    near = difflib.get_close_matches(str(value), hosted, n=3) or ["ml.m5.large"]
    raise ValueError(f"an x86 instance type that SageMaker hosts models on, such as {', '.join(near)}")


def _parse_email(value: Any) -> str:
    if isinstance(value, str) and _EMAIL.fullmatch(value):
        return value
    raise ValueError("an e-mail address, such as team@example.com")


def _parse_origins(value: Any) -> tuple[str, ...]:
    if value == ANY_ORIGIN:
        return (ANY_ORIGIN,)
    if isinstance(value, str) and len(value) <= _MAX_ORIGINS_LENGTH:
        origins = [part.strip() for part in value.split(",")]
        if all(map(_is_origin, origins)):
            return tuple(dict.fromkeys(origins))
    raise ValueError(
        "* for every site, or origins as browsers send them, with commas between and "
        f"{_MAX_ORIGINS_LENGTH} characters in all, such as https://app.example.com or http://localhost:3000"
    )


def _is_origin(text: str) -> bool:
    if not (found := _ORIGIN.fullmatch(text)):
        return False
    port = found[1] or "1"
    return int(port) <= _MAX_PORT and port != _DEFAULT_PORTS[text.partition(":")[0]]


def _parse_dollars(value: Any) -> float:
    if _DOLLARS.fullmatch(str(value)) and float(value) > 0:
        return float(value)
    raise ValueError("dollars a month, above 0, such as 150")


def _choice_parser(*allowed: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value in allowed:
            return str(value)
        raise ValueError(f"{', '.join(allowed[:-1])} or {allowed[-1]}")

    return parse


def _integer_parser(lowest: int, highest: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if re.fullmatch(r"[0-9]{1,10}", str(value)) and lowest <= int(value) <= highest:
            return int(value)
        raise ValueError(f"a whole number from {lowest} to {highest}")

    return parse


def _parse_boolean(value: Any) -> bool:
    if value is True or value is False:
        return value
    return _choice_parser("true", "false")(value) == "true"


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "model": _parse_model,
    "models": _parse_models,
    "bundle": _parse_bundle,
    "stack_name": _parse_stack_name,
    "stage": _choice_parser(*get_args(Stage)),
    "hosting": _choice_parser(*get_args(Hosting)),
    "packaging": _choice_parser(*get_args(Packaging)),
    "snapstart": _parse_boolean,
    "instance_type": _parse_instance_type,
    "instance_count": _integer_parser(1, MAX_INSTANCES),
    "max_instance_count": _integer_parser(1, MAX_INSTANCES),
    "data_capture_percent": _integer_parser(0, 100),
    "monitor": _choice_parser(*get_args(Monitoring)),
    "detailed_observability": _parse_boolean,
    "idle_hours": _integer_parser(0, _MAX_IDLE_HOURS),
    "memory_mb": _integer_parser(512, 10240),
    "max_concurrency": _integer_parser(1, 1000),
    "reload": _integer_parser(0, _MAX_RELOAD_SECONDS),
    "scoring_data": parse_scoring_data,
    "inbox": _choice_parser(*get_args(Switch)),
    "retrain": parse_retrain,
    "data": parse_data,
    "approve": _choice_parser(*get_args(Approve)),
    "training_instance_type": parse_training_instance_type,
    "training_spot": _parse_boolean,
    "weather": parse_weather,
    "judge_days": _integer_parser(1, _MAX_JUDGE_DAYS),
    "training_hours": _integer_parser(1, _MAX_TRAINING_HOURS),
    "auth": _choice_parser(*get_args(Auth)),
    "page": _choice_parser(*get_args(Switch)),
    "rate_limit": _integer_parser(1, _MAX_RATE),
    "burst_limit": _integer_parser(1, MAX_BURST),
    "monthly_quota": _integer_parser(1, _MAX_QUOTA),
    "api_logging_role": _choice_parser(*get_args(LoggingRole)),
    "waf": _parse_boolean,
    "alarm_email": _parse_email,
    "budget": _parse_dollars,
    "cors_origins": _parse_origins,
}
