"""State Prepare: decides whether a run trains, releases an approved version, or ends at once."""

import hashlib
import itertools
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .resources.model_packages import APPROVED, ModelPackages, properties_of
from .resources.run_lock import RunLock
from .resources.served_stack import ServedStack
from .resources.training_rows import TrainingRows, list_rows

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_TRAIN, _RELEASE, _STOP = "Train", "Release", "Nothing"
# Each costs a request, and the function has a minute: after a year of daily runs there are hundreds.
_MOST_VERSIONS = 100
# "This API action is eventually consistent":
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
_KNOWN_AFTER = timedelta(minutes=5)
_VERIFY = "Verify"
# States that send golden rows, or lead to one that does.
_PROVEN = (_RELEASE, _VERIFY)


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Returns the input of the states that follow.

    Args:
        event: `input`, which is what the execution was started with, `execution` with its ARN, and `start`
            with its time.

    Returns:
        `next` with the state that follows; `run`; `reason` when there is nothing to do, and `mailed` when a
        person waits for what is not done; for a release, `registered` with version and package.

    Raises:
        StackBusyError: CloudFormation updates the stack.
        ClientError: AWS refuses a request.
    """
    environment, given = os.environ, event["input"] or {}
    because = str(given.get("because", "manual"))
    stack = ServedStack(_client("cloudformation"), environment["STACK"])
    lock = RunLock(
        _client("s3"),
        bucket=environment["BUCKET"],
        key=environment["LOCK"],
        is_running=_is_running,
    )
    packages = ModelPackages(_client("sagemaker"), environment["GROUP"])
    # A run that waits for the end of an update takes no lock: the registration of a deployment starts one.
    stack.require_idle()
    if reason := _hindrance(stack, lock, event["execution"], given):
        return _not_begun(packages, given, because, reason, champion=stack.version)
    champion = stack.version
    run = {
        "because": because,
        "job": _job_name(environment["JOB_PREFIX"], event["execution"], event["start"]),
        "champion": champion,
        "champion_uri": f"s3://{environment['BUCKET']}/{environment['MODELS']}/{champion}/model.tar.gz",
    }
    if resumed := given.get("resume"):
        return _resumed(packages, str(resumed), given["state"], champion)
    if package := given.get("package"):
        return _approved(packages, str(package), run)
    rows = list_rows(_client("s3"), environment["DATA"])
    if not rows.objects:
        return _stop(because, f"There are no rows in {rows.uri}: put files of rows there.")
    if not given.get("force") and (version := _trained_on(packages, rows)):
        return _stop(
            because,
            f"There are no new rows in {rows.uri} since the training of version {version}: add some, or "
            "start the run with force.",
        )
    return {"next": _TRAIN, "run": {**run, "data": rows._asdict()}, "waits": {"count": 0}}


def _hindrance(stack: ServedStack, lock: RunLock, execution: str, given: Mapping[str, Any]) -> str:
    """Returns why the run cannot begin now, in a sentence; "" when it can, and has taken the lock."""
    releases = "RELEASES" in os.environ or "package" in given or given.get("resume") in _PROVEN
    if releases and stack.is_paused:
        return "The service is paused, and no version can be proven: `make wake` starts it."
    other = lock.take(execution)
    return f"Another run is in progress: {other}." if other else ""


def _not_begun(
    packages: ModelPackages, given: Mapping[str, Any], because: str, reason: str, *, champion: str
) -> dict[str, Any]:
    """Returns the result of a run that cannot begin; `mailed` is set when a person has approved a version."""
    if "package" not in given:
        return _stop(because, reason)
    approved = _approved(packages, str(given["package"]), {"because": because, "champion": champion})
    if approved["next"] == _STOP:
        return approved
    version = approved["registered"]["version"]
    way_out = f"Version {version} is approved and not released: `make promote VERSION={version}` releases it"
    return {**_stop(because, f"{reason} {way_out} then."), "mailed": True}


def _resumed(packages: ModelPackages, state: str, found: Mapping[str, Any], serving: str) -> dict[str, Any]:
    """Returns what a run that has failed had found before a state, which is entered again.

    A version that was released and does not serve is released again, unless the run has rejected it.
    """
    before, registered = found["run"]["champion"], found.get("registered") or {}
    if state in _PROVEN:
        version = registered["version"]
        status = packages.describe(registered["package"])["ModelApprovalStatus"]
        if status != APPROVED:
            return _stop(
                "resume",
                f"Version {version} is {status}, not {APPROVED}: its release failed or was undone. "
                f"`make promote VERSION={version}` releases it again, and `make retrain ARGS=--force` trains "
                "a new one.",
            )
        if serving == version:
            return {**found, "next": _VERIFY}
        state = _RELEASE
    if before != serving:
        return _stop("resume", f"Version {serving} serves, and the run began with {before}: start a new one.")
    return {**found, "next": state}


def _approved(packages: ModelPackages, package: str, run: Mapping[str, str]) -> dict[str, Any]:
    found = packages.describe(package)
    version = properties_of(found)["version"]
    if found["ModelApprovalStatus"] != APPROVED:
        return _stop(run["because"], f"Version {version} is {found['ModelApprovalStatus']}, not {APPROVED}.")
    if not version:
        return _stop(run["because"], f"The package {package} names no version: it is not one of this stack.")
    if version == run["champion"]:
        return _stop(run["because"], f"Version {version} serves already.")
    return {"next": _RELEASE, "run": run, "registered": {"version": version, "package": package}}


def _trained_on(packages: ModelPackages, rows: TrainingRows) -> str:
    """Returns the version that was trained on exactly these rows, of the newest ones; "" for none."""
    for package in itertools.islice(packages.newest_first(), _MOST_VERSIONS):
        properties = properties_of(package)
        if properties.get("data_sha256") == rows.sha256:
            return properties["version"]
    return ""


def _job_name(prefix: str, execution: str, start: str) -> str:
    """Returns the beginning of the names of the run's jobs: 22 characters more than the prefix."""
    time = "".join(filter(str.isdigit, start))[:14]
    unique = hashlib.sha256(execution.encode()).hexdigest()[:6]
    return f"{prefix}-{time}-{unique}"


def _is_running(execution: str, since: datetime | None) -> bool:
    try:
        found = _client("stepfunctions").describe_execution(executionArn=execution)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        # Step Functions forgets an execution 90 days after its end, and may not know one that has just begun.
        return since is not None and datetime.now(UTC) - since < _KNOWN_AFTER
    return bool(found["status"] in ("RUNNING", "PENDING_REDRIVE"))


def _stop(because: str, reason: str) -> dict[str, Any]:
    return {"next": _STOP, "run": {"because": because}, "reason": reason}


def _client(service: str) -> Any:
    return boto3.client(service, config=_CONFIG)
