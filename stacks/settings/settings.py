"""Every setting of the stack, read from the CDK context in this one place."""

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from api import Auth, in_camel_case
from bundle import BundleError, read_archive
from stacks.settings.combinations import contradictions
from stacks.settings.presets import preset
from stacks.settings.values import READERS, S3_SCHEME
from stacks.storage.archive import Archive

ROOT = Path(__file__).resolve().parents[2]

Stage = Literal["dev", "prod"]
Hosting = Literal["realtime", "serverless", "lambda"]

# What the CDK itself keeps in the context beside an application's own names.
_OF_THE_CDK = ("@aws-cdk", "aws-cdk:", "aws:cdk:", "cli-", "acknowledged-issue-numbers")
# Set by `python -m stacks.commands.deploy`, not by people: the hosting of the deployed stack.
_READERS = dict(READERS) | {"previous_hosting": READERS["hosting"]}


class SettingsError(Exception):
    """Settings that cannot be used: one line for each, with its name, its value and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stack is made from, as `cdk deploy -c name=value` or the context in cdk.json sets it.

    Attributes:
        model: Name of the model; the stack is called after it. Not used when there are several.
        models: Names of several models behind one endpoint; none for the one that `model` names.
        bundle: The one model's archive, as an absolute path or an S3 URI; training's own unless given.
        stage: Whether the stack is there to be tried or to be relied on.
        hosting: What the model runs on.
        instance_type: What the endpoint runs on; of realtime, like the next two.
        instance_count: Machines behind the endpoint, at least.
        max_instance_count: Machines behind the endpoint, at most; they are scaled when it is more.
        data_capture_percent: How many of a hundred requests and answers are kept in the artifact bucket.
        memory_mb: Memory of serverless and lambda; None for realtime.
        max_concurrency: Requests at once that serverless answers; what lambda reserves, None for nothing.
        reload: How often, in seconds, a function looks at most whether the bundle in S3 changed; 0 for never.
        auth: Who may predict: holders of an API key, or what IAM allows.
        waf: Whether a web application firewall is in front of the API.
        alarm_email: Who is told of alarms.
        budget: Dollars a month from which the account's owner is told.
        cors_origins: The sites whose pages may read the API's answers; * is every site.
    """

    model: str
    models: tuple[str, ...]
    bundle: str
    stage: Stage
    hosting: Hosting
    instance_type: str
    instance_count: int
    max_instance_count: int
    data_capture_percent: int
    memory_mb: int | None
    max_concurrency: int | None
    reload: int
    auth: Auth
    waf: bool
    alarm_email: str | None
    budget: float | None
    cors_origins: tuple[str, ...]

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Reads and checks all settings.

        Args:
            context: Everything in the CDK context; values from the command line are strings, null is none.

        Raises:
            SettingsError: When names are unknown, values not allowed or combinations impossible: all of them.
        """
        given, errors, wrong = _read(context)
        values = preset(given) | given
        errors += contradictions(given, values, wrong=wrong)
        if errors:
            raise SettingsError("\n".join(errors))
        values.setdefault("bundle", str(default_bundle(values["model"])))
        values.pop("previous_hosting", None)
        return cls(**values)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all models that are hosted."""
        return self.models or (self.model,)

    @property
    def stack_name(self) -> str:
        """The models' names as a stack is named, such as FirstModel for first_model."""
        return "".join(map(in_camel_case, self.names))

    @property
    def is_fetched(self) -> bool:
        """Whether the bundle is in S3."""
        return self.bundle.startswith(S3_SCHEME)

    @property
    def archives(self) -> Mapping[str, Path]:
        """Each model's file on this machine, once `stacks.commands.prepare` has made or fetched it."""
        if self.models:
            return {name: default_bundle(name) for name in self.models}
        return {self.model: self.archive}

    @property
    def archive(self) -> Path:
        """The file of the one model."""
        if not self.is_fetched:
            return Path(self.bundle)
        return ROOT / "build" / "fetched" / hashlib.sha256(self.bundle.encode()).hexdigest() / "model.tar.gz"

    @property
    def is_scaled(self) -> bool:
        """Whether the number of instances follows the requests."""
        return self.max_instance_count > self.instance_count

    @property
    def keeps_data(self) -> bool:
        """Whether what was stored outlives the stack."""
        return self.stage == "prod"

    def open_archives(self) -> tuple[Archive, ...]:
        """The bundles, checked, in the order of their models.

        Raises:
            SettingsError: When one must not be deployed.
        """
        return tuple(self._open(name, path) for name, path in self.archives.items())

    def _open(self, name: str, path: Path) -> Archive:
        try:
            bundle = read_archive(path)
        except BundleError as error:
            raise SettingsError(str(error)) from error
        if (found := bundle.manifest.name) == name:
            return Archive(path=path, bundle=bundle)
        if self.models:
            raise SettingsError(
                f"The setting models names {name!r}, and {path} holds the model {found}: train {name} again."
            )
        raise SettingsError(
            f"The setting bundle is {self.bundle!r}, which holds the model {found}, and "
            f"model is {name!r}: set model to {found}, or bundle to one of it."
        )


def default_bundle(model: str) -> Path:
    """Where training leaves the bundle of a model."""
    return ROOT / "build" / model / "model.tar.gz"


def _read(context: Mapping[str, Any]) -> tuple[dict[str, Any], list[str], Set[str]]:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in ({"model": None} | dict(context)).items():
        if name.startswith(_OF_THE_CDK) or (value is None and name != "model"):
            continue
        try:
            values[name] = _READERS[name](value)
        except KeyError:
            names = ", ".join(READERS)
            errors[name] = (
                f"The setting {name} is {value!r}, and there is no such setting; there are {names}."
            )
        except ValueError as error:
            errors[name] = f"The setting {name} is {value!r}; it must be {error}."
    return values, list(errors.values()), errors.keys()
