"""Settings of the stack, read from the CDK context."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from api import Auth, stack_name_of
from bundle import BundleError, read_archive
from stacks.settings.bundle_archive import Archive
from stacks.settings.conflicts import find_conflicts
from stacks.settings.defaults import default_values
from stacks.settings.given_settings import parse_context
from stacks.settings.parsers import S3_SCHEME, Hosting, LoggingRole, Monitoring, Packaging, Stage, Switch
from stacks.settings.retraining.parsers import OFF, Approve

ROOT = Path(__file__).resolve().parents[2]
# Parameter of the template that `make pause` sets to "true"; no setting, because a deployment keeps it.
PAUSED = "Paused"
# Parameter of the template that `make promote` sets to a version; no setting, for the same reason.
RELEASED = "ReleasedVersion"
# Folder of captured requests and responses in the artifact bucket.
CAPTURES = "captures"
# Folder of files with what really happened.
OUTCOMES = "outcomes"
# Folder of the monitor's pages.
MONITOR_PAGES = "monitor"
# Folder of whole files and their predictions in the artifact bucket.
SCORES = "scores"
# Folder of files that are scored when they arrive.
INBOX = "inbox"
# Folder of the rows of retrainings, with the setting data=own.
TRAINING_ROWS = "rows"
# Folder of their weather, with the setting weather=own.
TRAINING_WEATHER = "weather"
# Folder of the results of training and judging jobs.
RETRAINED = "retraining"


class SettingsError(Exception):
    """Invalid settings: one line for each, with its name, its value and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Parsed settings, set with `cdk deploy -c name=value` or in the context of cdk.json.

    Attributes:
        model: Name of the model. Not used when `models` is set.
        models: Names of several models behind one endpoint; empty for the single model of `model`.
        bundle: Archive of the single model, as an absolute path or an S3 URI; by default training's output.
        stack_name: Name of the stack, its endpoint and its API; by default that of the models and the stage.
        stage: dev for trials, prod for production: redundancy, longer log retention, data kept on deletion.
        hosting: Service that runs the model: SageMaker real-time or serverless endpoint, or Lambda function.
        packaging: Package of a Lambda function: zip, or the container image; None for other hostings.
        snapstart: Whether a function in a zip starts from a snapshot of its memory (Lambda SnapStart).
        instance_type: Instance type of a real-time endpoint.
        instance_count: Minimum number of instances of a real-time endpoint.
        max_instance_count: Maximum number of instances; above instance_count, the endpoint is autoscaled.
        data_capture_percent: Percentage of requests and responses that realtime and lambda capture to S3.
        monitor: How often captured requests and outcomes are compared with what training saw.
        detailed_observability: Whether a real-time endpoint publishes metrics of its instances and container.
        idle_hours: Hours without a request until an alarm names the costs of a real-time endpoint; 0 for no
            alarm.
        memory_mb: Memory of serverless and lambda in MB; None for realtime.
        max_concurrency: Maximum concurrency of serverless; reserved concurrency of lambda, None for none.
        reload: Minimum seconds between two checks of the bundle in S3 by a function; 0 for no checks.
        scoring_data: Folder in S3 whose files the stack may score, and where it may write the results: own
            for scores/ in the artifact bucket, or an S3 URI; None for no scoring of files.
        inbox: Whether a file that is put into inbox/ of the artifact bucket is scored at once, and the result
            mailed to alarm_email.
        retrain: When the model is trained again, judged beside the one that serves, and released if it is not
            worse: off for never, manual for `make retrain` only, monthly, a schedule, data for new objects,
            drift for the alarm of the monitor.
        data: Folder in S3 with the rows of retrainings: own for rows/ in the artifact bucket, or an S3 URI.
        approve: Whether a retrained version that passes the judge is released at once, or after a person
            has approved it.
        weather: Folder in S3 with the hourly weather of these rows, for a model whose training reads weather:
            own for weather/ in the artifact bucket, or an S3 URI.
        judge_days: Newest days of the rows, which a training leaves out for the judge.
        training_instance_type: Instance type of the training and judging jobs.
        training_spot: Whether these jobs run on spot instances, which are cheaper and may be interrupted.
        training_hours: Hours after which SageMaker stops such a job.
        auth: Authorization of predictions: key for an API key, iam for AWS signatures.
        page: Whether the API has pages for people, without a key: forms at /, its document at /docs, /model.
        rate_limit: Requests a second of the API, of all callers together, before it answers 429.
        burst_limit: Requests at once before the API answers 429; by default twice rate_limit, 5000 at most.
        monthly_quota: Requests a calendar month of the API key; None for no quota.
        api_logging_role: Account's role for API Gateway's logs: own sets it to a role of this stack, account
            leaves it alone. `make deploy` chooses own only where the account has none.
        waf: Whether a web application firewall protects the API.
        alarm_email: Address that alarms and rolled-back updates are mailed to.
        budget: Monthly budget in US dollars, with notifications to alarm_email.
        cors_origins: Origins whose pages may read the API's responses; * for every origin.
    """

    model: str
    models: tuple[str, ...]
    bundle: str
    stack_name: str
    stage: Stage
    hosting: Hosting
    packaging: Packaging | None
    snapstart: bool
    instance_type: str
    instance_count: int
    max_instance_count: int
    data_capture_percent: int
    monitor: Monitoring
    detailed_observability: bool
    idle_hours: int
    memory_mb: int | None
    max_concurrency: int | None
    reload: int
    scoring_data: str | None
    inbox: Switch
    retrain: str
    data: str | None
    approve: Approve
    weather: str | None
    judge_days: int
    training_instance_type: str
    training_spot: bool
    training_hours: int
    auth: Auth
    page: Switch
    rate_limit: int
    burst_limit: int
    monthly_quota: int | None
    api_logging_role: LoggingRole
    waf: bool
    alarm_email: str | None
    budget: float | None
    cors_origins: tuple[str, ...]

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Parses and checks all settings.

        Args:
            context: The whole CDK context. Values from the command line are strings; None means not set.

        Raises:
            SettingsError: Names every unknown setting, invalid value and conflict.
        """
        given, wrong = parse_context(context)
        values = default_values(given) | given
        errors = [*wrong.values(), *find_conflicts(given, values, wrong=wrong.keys())]
        if errors:
            raise SettingsError("\n".join(errors))
        values.setdefault("bundle", str(default_bundle(values["model"])))
        values.setdefault("stack_name", stack_name_of(values["models"] or [values["model"]], values["stage"]))
        values.pop("previous_hosting", None)
        return cls(**values)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all hosted models."""
        return self.models or (self.model,)

    @property
    def is_in_s3(self) -> bool:
        """Whether the bundle is in S3."""
        return self.bundle.startswith(S3_SCHEME)

    @property
    def archives(self) -> Mapping[str, Path]:
        """Local archive of each model, which `stacks.commands.prepare_bundles` trains or downloads."""
        if self.models:
            return {name: default_bundle(name) for name in self.models}
        return {self.model: self.archive}

    @property
    def archive(self) -> Path:
        """Local archive of the single model."""
        if not self.is_in_s3:
            return Path(self.bundle)
        return ROOT / "build" / "fetched" / hashlib.sha256(self.bundle.encode()).hexdigest() / "model.tar.gz"

    @property
    def is_scaled(self) -> bool:
        """Whether the number of instances is autoscaled."""
        return self.max_instance_count > self.instance_count

    @property
    def has_page(self) -> bool:
        """Whether the API has the pages for people."""
        return self.page == "on"

    @property
    def is_retrained(self) -> bool:
        """Whether the stack has what trains and releases the model again."""
        return self.retrain != OFF

    @property
    def keeps_data(self) -> bool:
        """Whether buckets and logs are retained when the stack is deleted."""
        return self.stage == "prod"

    def open_archives(self) -> tuple[Archive, ...]:
        """Reads and checks the bundles, in the order of `names`.

        Raises:
            SettingsError: When a bundle is invalid or holds another model.
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
    """Returns the path that training writes the bundle of a model to."""
    return ROOT / "build" / model / "model.tar.gz"
