"""Every setting: its name, its default, what it may be."""

import difflib
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from botocore.loaders import Loader

from bundle import Bundle, BundleError, read_archive

ROOT = Path(__file__).resolve().parents[1]

# What the CDK itself keeps in the context beside an application's own names.
_OF_THE_CDK = ("@aws-cdk", "aws-cdk:", "aws:cdk:", "cli-", "acknowledged-issue-numbers")
_MODEL = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ARM_FAMILY = re.compile(r"ml\.[a-z]+\d+[a-z]*g[a-z]*\.")
_MOST_INSTANCES = 100


class SettingsError(Exception):
    """Settings that cannot be used: one line for each, with its name, its value and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stack is made from, as `cdk deploy -c name=value` or the context in cdk.json sets it.

    Attributes:
        model: Name of the model; the stack is called after it.
        bundle: The model's archive; build/<model>/model.tar.gz unless given.
        instance_type: What the endpoint runs on.
        instance_count: Machines behind the endpoint.
    """

    model: str
    bundle: Path
    instance_type: str
    instance_count: int

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Reads and checks all settings.

        Args:
            context: Everything in the CDK context; values from the command line are strings.

        Raises:
            SettingsError: When names are unknown or values not allowed; it names all of them.
        """
        errors = [_unknown(name, value) for name, value in context.items() if not _is_known(name)]
        values: dict[str, Any] = {}
        for name, setting in _SETTINGS.items():
            value = context.get(name, setting.default)
            try:
                values[name] = setting.read(value)
            except ValueError as error:
                errors.append(f"The setting {name} is {value!r}; it must be {error}.")
        if errors:
            raise SettingsError("\n".join(errors))
        return cls(**values | {"bundle": values["bundle"] or default_bundle(values["model"])})

    @property
    def stack_name(self) -> str:
        """The model's name as a stack is named, such as FirstModel for first_model."""
        return "".join(word.capitalize() for word in self.model.split("_"))

    def open_bundle(self) -> Bundle:
        """The bundle, checked.

        Raises:
            SettingsError: When it must not be deployed.
        """
        try:
            return read_archive(self.bundle)
        except BundleError as error:
            raise SettingsError(str(error)) from error


def default_bundle(model: str) -> Path:
    """Where training leaves the bundle of a model."""
    return ROOT / "build" / model / "model.tar.gz"


@functools.cache
def hosted_instance_types() -> tuple[str, ...]:
    """The instance types SageMaker hosts models on, of those that run x86 images.

    Source: the ProductionVariantInstanceType of the API model that botocore carries.
    """
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    hosted = shapes["ProductionVariantInstanceType"]["enum"]
    return tuple(name for name in hosted if not _ARM_FAMILY.match(name))


@dataclass(frozen=True, kw_only=True)
class _Setting:
    default: Any
    read: Callable[[Any], Any]


def _model(value: Any) -> str:
    if isinstance(value, str) and _MODEL.fullmatch(value) and not value.endswith("_"):
        return value
    raise ValueError("the name of a model: lower-case letters, digits and underscores, 40 at most")


def _bundle(value: Any) -> Path | None:
    if value is None:
        return None
    if isinstance(value, str) and value.strip():
        return Path(value).absolute()
    raise ValueError("the path of a bundle, a model.tar.gz")


def _instance_type(value: Any) -> str:
    hosted = hosted_instance_types()
    if value in hosted:
        return str(value)
    near = difflib.get_close_matches(str(value), hosted, n=3) or ["ml.m5.large"]
    raise ValueError(f"an x86 instance type that SageMaker hosts models on, such as {', '.join(near)}")


def _instance_count(value: Any) -> int:
    if re.fullmatch(r"[0-9]{1,4}", str(value)) and 1 <= int(value) <= _MOST_INSTANCES:
        return int(value)
    raise ValueError(f"a whole number from 1 to {_MOST_INSTANCES}")


_SETTINGS = {
    "model": _Setting(default=None, read=_model),
    "bundle": _Setting(default=None, read=_bundle),
    "instance_type": _Setting(default="ml.m5.large", read=_instance_type),
    "instance_count": _Setting(default=1, read=_instance_count),
}


def _is_known(name: str) -> bool:
    return name in _SETTINGS or name.startswith(_OF_THE_CDK)


def _unknown(name: str, value: Any) -> str:
    return f"The setting {name} is {value!r}, and there is no such setting; there are {', '.join(_SETTINGS)}."
