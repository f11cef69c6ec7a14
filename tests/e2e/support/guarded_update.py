"""Update of an endpoint with instances by `make deploy`, while clients send predictions."""

import math
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stacks.commands.traffic.background_golden_rows import in_background
from tests.e2e.support.account import Account
from tests.e2e.support.load import CLIENTS, OK, Load
from tests.local.polling import until

Row = Mapping[str, Any]

RATE = 25.0
_LIMIT_SECONDS = 300.0
# Each poll costs this AWS as much as a prediction.
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class GuardedUpdate:
    """An update that has ended.

    Attributes:
        load: The clients.
        seconds: How long the endpoint was Updating, by the clock of this machine.
        deployed: The exit code and the output of `make deploy`.
    """

    load: Load
    seconds: float
    deployed: subprocess.CompletedProcess[str]

    @property
    def reason(self) -> str:
        """The sentence with which `make deploy` ends when it fails."""
        return self.deployed.stderr.splitlines()[-1]

    def row(self, name: str) -> str:
        """Returns the figures as a row of a Markdown table."""
        sent, good, lost = len(self.load.answered), self.load.statuses[OK], self.load.lost
        failed, between = self.load.failures()
        share = f"{failed:,} of {between:,}" if failed else "0"
        return f"| {name} | {self.seconds:.1f} | {sent:,} | {good:,} | {share} | {lost} |"


def update_under_load(
    account: Account,
    endpoint: str,
    rows: Sequence[Row],
    deploy: Callable[[], subprocess.CompletedProcess[str]],
) -> GuardedUpdate:
    """Runs a deployment; clients send from the start of the endpoint's update until a second after it."""
    sagemaker = account.aws.client("sagemaker")

    def status() -> str:
        return str(sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"])

    # On a busy machine the invoker's first processes may take longer to start than the API waits.
    with Load(account.find(), rows, rate=RATE) as warming:
        until(lambda: warming.statuses[OK] >= 2 * CLIENTS, seconds=_LIMIT_SECONDS, pause=_PAUSE_SECONDS)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(deploy)
        until(lambda: status() == "Updating" or running.done(), seconds=_LIMIT_SECONDS, pause=_PAUSE_SECONDS)
        start = time.monotonic()
        with Load(account.find(), rows, rate=RATE) as load:
            until(lambda: status() == "InService", seconds=_LIMIT_SECONDS, pause=_PAUSE_SECONDS)
            seconds, answered = time.monotonic() - start, len(load.answered)
            until(lambda: len(load.answered) >= answered + RATE)
        return GuardedUpdate(load=load, seconds=seconds, deployed=running.result())


@contextmanager
def patient(account: Account, stack: str) -> Iterator[None]:
    """Raises the threshold of the alarms on latency, which a machine with other work would trigger.

    An update makes alarms of its own, which it needs a moment later.
    """
    changed: set[str] = set()
    with in_background(lambda: _raise_thresholds(account, stack, changed), wait=_pause):
        yield


def _raise_thresholds(account: Account, stack: str, changed: set[str]) -> None:
    for alarm in _alarms(account, stack, "UpdateLatency"):
        if alarm["AlarmName"] not in changed:
            _set_threshold(account, alarm, 60e6)
            changed.add(alarm["AlarmName"])


def _pause(ended: threading.Event) -> bool:
    return ended.wait(_PAUSE_SECONDS)


def raise_alarm(account: Account, stack: str) -> None:
    """Makes the alarm on refused requests to the configuration that serves ring at every request."""
    [alarm] = _alarms(account, stack, "UpdateModelErrors")
    _set_threshold(account, alarm, -1)


def _alarms(account: Account, stack: str, name: str) -> list[Any]:
    alarms = account.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{stack}-endpoint-")
    return [alarm for alarm in alarms["MetricAlarms"] if alarm["AlarmName"].endswith(f"-{name}")]


def _set_threshold(account: Account, alarm: Any, threshold: float) -> None:
    kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period")
    rule = ("EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "TreatMissingData")
    settings = {name: alarm[name] for name in (*kept, *rule) if alarm.get(name)}
    account.aws.client("cloudwatch").put_metric_alarm(**settings, Threshold=threshold)


def assert_share(load: Load, share: float) -> None:
    """Asserts that as many requests failed as went to a part of the instances: within five deviations.

    Each request goes to an instance at random, so the failures among those from the first failure to the last
    are binomially distributed. When the shift begins and when it ends, up to one request of each client waits
    for its response: these may have gone to either part.
    """
    failed, between = load.failures()
    deviation = math.sqrt(share * (1 - share) * between)
    assert failed > 0
    assert abs(failed - share * between) <= 5 * deviation + CLIENTS, (failed, between, load.statuses)


def golden_rows_sent(update: GuardedUpdate) -> str:
    """Returns what `make deploy` says about the golden rows that it has sent."""
    [found] = re.findall("^(?:No golden|Golden) rows .*$", update.deployed.stderr, re.MULTILINE) or [""]
    return str(found)
