"""What each setting may be by itself: a reader gives the value, or says in a ValueError what is allowed."""

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from api import in_camel_case
from stacks.settings.instance_types import hosted_instance_types

MOST_INSTANCES = 100
S3_SCHEME = "s3://"
ANY_ORIGIN = "*"

_HIGHEST_PORT = 65535
# The endpoint is named after the stack, and the stack after its models.
_LONGEST_ENDPOINT_NAME = 63
# A day: what changes less often than that is deployed.
_LONGEST_RELOAD = 86_400
# They travel in the environment of a function, which holds 4 KB.
_LONGEST_ORIGINS = 1000
# Browsers leave the port of the scheme out, so an origin with it would never match.
_DEFAULT_PORTS = {"https": "443", "http": "80"}

_MODEL = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PATH = re.compile(r"[^\x00-\x1f\x7f]{0,4000}")
_S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\x00-\x1f\x7f]{1,1024}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,180}\.[^@\s.\x00-\x1f]{1,63}")
_HTTPS_ORIGIN = r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)*"
_ORIGIN = re.compile(rf"(?:{_HTTPS_ORIGIN}|http://(?:localhost|127\.0\.0\.1))(?::([1-9][0-9]{{0,4}}))?")
_DOLLARS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


def _model(value: Any) -> str:
    if isinstance(value, str) and _MODEL.fullmatch(value) and not value.endswith("_"):
        return value
    raise ValueError("the name of a model: lower-case letters, digits and underscores, 40 at most")


def _models(value: Any) -> tuple[str, ...]:
    try:
        names = [_model(part.strip()) for part in value.split(",")]
    except (AttributeError, ValueError):
        names = []
    told_apart = {in_camel_case(name) for name in names}
    if len(told_apart) == len(names) > 1 and sum(map(len, told_apart)) <= _LONGEST_ENDPOINT_NAME:
        return tuple(names)
    raise ValueError(
        "the names of two models or more, each once, with commas between, and "
        f"{_LONGEST_ENDPOINT_NAME} letters and digits in all, such as first_model,second_model"
    )


def _bundle(value: Any) -> str:
    if isinstance(value, str) and value.startswith(S3_SCHEME) and _S3_URI.fullmatch(value):
        return value
    if isinstance(value, str) and "://" not in value and value.strip() and _PATH.fullmatch(value):
        return str(Path(value).absolute())
    raise ValueError("the path of a bundle, a model.tar.gz, or where it is in S3 as s3://bucket/key")


def _instance_type(value: Any) -> str:
    hosted = hosted_instance_types()
    if value in hosted:
        return str(value)
    near = difflib.get_close_matches(str(value), hosted, n=3) or ["ml.m5.large"]
    raise ValueError(f"an x86 instance type that SageMaker hosts models on, such as {', '.join(near)}")


def _email(value: Any) -> str:
    if isinstance(value, str) and _EMAIL.fullmatch(value):
        return value
    raise ValueError("an e-mail address, such as team@example.com")


def _origins(value: Any) -> tuple[str, ...]:
    if value == ANY_ORIGIN:
        return (ANY_ORIGIN,)
    if isinstance(value, str) and len(value) <= _LONGEST_ORIGINS:
        origins = [part.strip() for part in value.split(",")]
        if all(map(_is_origin, origins)):
            return tuple(dict.fromkeys(origins))
    raise ValueError(
        "* for every site, or origins as browsers send them, with commas between and "
        f"{_LONGEST_ORIGINS} characters in all, such as https://app.example.com or http://localhost:3000"
    )


def _is_origin(text: str) -> bool:
    if not (found := _ORIGIN.fullmatch(text)):
        return False
    port = found[1] or "1"
    return int(port) <= _HIGHEST_PORT and port != _DEFAULT_PORTS[text.partition(":")[0]]


def _dollars(value: Any) -> float:
    if _DOLLARS.fullmatch(str(value)) and float(value) > 0:
        return float(value)
    raise ValueError("dollars a month, above 0, such as 150")


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value in allowed:
            return str(value)
        raise ValueError(f"{', '.join(allowed[:-1])} or {allowed[-1]}")

    return read


def _whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if re.fullmatch(r"[0-9]{1,5}", str(value)) and lowest <= int(value) <= highest:
            return int(value)
        raise ValueError(f"a whole number from {lowest} to {highest}")

    return read


def _switch(value: Any) -> bool:
    if value is True or value is False:
        return value
    return _one_of("true", "false")(value) == "true"


READERS: Mapping[str, Callable[[Any], Any]] = {
    "model": _model,
    "models": _models,
    "bundle": _bundle,
    "stage": _one_of("dev", "prod"),
    "hosting": _one_of("realtime", "serverless", "lambda"),
    "instance_type": _instance_type,
    "instance_count": _whole(1, MOST_INSTANCES),
    "max_instance_count": _whole(1, MOST_INSTANCES),
    "data_capture_percent": _whole(0, 100),
    "memory_mb": _whole(512, 10240),
    "max_concurrency": _whole(1, 1000),
    "reload": _whole(0, _LONGEST_RELOAD),
    "auth": _one_of("key", "iam"),
    "waf": _switch,
    "alarm_email": _email,
    "budget": _dollars,
    "cors_origins": _origins,
}
