"""Changes of alarms, endpoints and shifted aliases in the running emulator, for `python -m local watch`."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from local.local_aws import LocalAws

_PAUSE_SECONDS = 0.5
_ALARM, _ENDPOINT, _ALIAS = "alarm", "endpoint", "alias"
_ROLLBACK = "codeDeployRollback"
_DELETED = "deleted"

# Kind and name of a watched resource.
WatchedName = tuple[str, str]
# Its properties that are shown; another value is a change.
WatchedState = Mapping[str, Any]


def watched_changes(
    aws: LocalAws,
    *,
    once: bool = False,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[WatchedState]:
    """Yields the present states, and then each change: its time, the kind and name, and the new state.

    Args:
        aws: The running emulator.
        once: Ends after the present states.
        pause: Waits between two requests, for some seconds.
        clock: Returns the present time.
    """
    cloudwatch, sagemaker, codedeploy = map(aws.client, ("cloudwatch", "sagemaker", "codedeploy"))
    before: Mapping[WatchedName, WatchedState] = {}
    while True:
        after = {**_alarms(cloudwatch), **_endpoints(sagemaker), **_aliases(codedeploy)}
        now = clock().isoformat(timespec="milliseconds")
        for change in changes(before, after):
            yield {"time": now, **change}
        if once:
            return
        before = after
        pause(_PAUSE_SECONDS)


def changes(
    before: Mapping[WatchedName, WatchedState], after: Mapping[WatchedName, WatchedState]
) -> Iterator[WatchedState]:
    """Yields the differences of two observations."""
    for kind, name in [*after, *(key for key in before if key not in after)]:
        state = after.get((kind, name), {"state": _DELETED})
        old = before.get((kind, name))
        if old != state:
            yield {"kind": kind, "name": name, **state, "previous": old["state"] if old else None}


def change_line(change: WatchedState) -> str:
    """Returns a change as one line; its time is the user's."""
    at = _time_of_day(change["time"])
    previous = change["previous"]
    is_transition = previous not in (None, change["state"])
    state = f"{previous} -> {change['state']}" if is_transition else change["state"]
    since = f"since {_time_of_day(change['since'])}" if "since" in change else ""
    details = (since, *(change.get(name) for name in ("configuration", "instances", "shift", "reason")))
    return "  ".join([at, f"{change['kind']:<8}", change["name"], state, *filter(None, details)])


def _alarms(cloudwatch: Any) -> dict[WatchedName, WatchedState]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate()
    return {
        (_ALARM, alarm["AlarmName"]): {
            "state": alarm["StateValue"],
            "since": _iso(alarm["StateUpdatedTimestamp"]),
            "reason": alarm["StateReason"],
        }
        for page in pages
        for alarm in page["MetricAlarms"]
    }


def _endpoints(sagemaker: Any) -> dict[WatchedName, WatchedState]:
    found = {}
    for page in sagemaker.get_paginator("list_endpoints").paginate():
        for summary in page["Endpoints"]:
            try:
                endpoint = sagemaker.describe_endpoint(EndpointName=summary["EndpointName"])
            except sagemaker.exceptions.ClientError:
                # Deleted since it was listed.
                continue
            found[_ENDPOINT, endpoint["EndpointName"]] = _endpoint(endpoint)
    return found


def _endpoint(endpoint: Mapping[str, Any]) -> WatchedState:
    return {
        "state": endpoint["EndpointStatus"],
        "since": _iso(endpoint["LastModifiedTime"]),
        "configuration": endpoint["EndpointConfigName"],
        "instances": _instances(endpoint.get("ProductionVariants", ())),
        "shift": _shift(endpoint.get("PendingDeploymentSummary")),
        "reason": endpoint.get("FailureReason", ""),
    }


def _instances(variants: Sequence[Mapping[str, Any]]) -> str:
    """Returns the number of instances that serve, and the desired one if it differs; "" for serverless."""
    counts = [
        (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"])
        for variant in variants
        if "DesiredInstanceCount" in variant
    ]
    return ", ".join(
        f"{current} of {desired} instances" if current != desired else f"instances: {current}"
        for current, desired in counts
    )


def _shift(pending: Mapping[str, Any] | None) -> str:
    """Returns a pending deployment in words: its endpoint configuration, stages and instances.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PendingDeploymentSummary.html
    """
    if not pending:
        return ""
    parts = [f"to {pending['EndpointConfigName']}"]
    for variant in pending.get("ProductionVariants", ()):
        parts += [status["Status"] for status in variant.get("VariantStatus", ())]
        if "DesiredInstanceCount" in variant:
            current = variant.get("CurrentInstanceCount", 0)
            parts.append(f"{current} of {variant['DesiredInstanceCount']} instances")
    return ", ".join(parts)


def _aliases(codedeploy: Any) -> dict[WatchedName, WatchedState]:
    """Returns the last deployment of each alias that CodeDeploy has shifted."""
    found: dict[WatchedName, WatchedState] = {}
    for page in codedeploy.get_paginator("list_deployments").paginate():
        # The newest comes first.
        for one in page.get("deployments", ()):
            info = codedeploy.get_deployment(deploymentId=one)["deploymentInfo"]
            if info["creator"] == _ROLLBACK:
                continue
            [target] = codedeploy.batch_get_deployment_targets(deploymentId=one, targetIds=["any"])[
                "deploymentTargets"
            ]
            function = target["lambdaTarget"]["lambdaFunctionInfo"]
            name = f"{function['functionName']}:{function['functionAlias']}"
            found.setdefault((_ALIAS, name), _shifted(info, function))
    return found


def _shifted(info: Mapping[str, Any], function: Mapping[str, Any]) -> WatchedState:
    new = f"{function['targetVersionWeight']:g} % to version {function['targetVersion']}"
    return {
        "state": info["status"],
        "since": _iso(info.get("completeTime") or info["createTime"]),
        "shift": f"from version {function['currentVersion']}, {new}",
        "reason": info.get("errorInformation", {}).get("message", ""),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _time_of_day(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%H:%M:%S}"
