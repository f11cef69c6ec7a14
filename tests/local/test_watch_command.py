"""`python -m local watch`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.__main__ import main
from local.local_aws import ROOT, LocalAws
from local.watch_command import change_line, changes, watched_changes
from tests.inherited_environ import inherited_environ
from tests.local.polling import until

ENDPOINT = ("endpoint", "a")
SERVING = {"state": "InService", "since": "2026-01-01T10:00:00.000+00:00", "configuration": "one"}
SETTINGS = {
    "Namespace": "Own",
    "MetricName": "Watched",
    "Statistic": "Sum",
    "Period": 10,
    "EvaluationPeriods": 1,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


@pytest.fixture
def alarm(aws: LocalAws, bucket: str) -> Iterator[str]:
    """An alarm that is OK."""
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName=bucket, **SETTINGS)
    until(lambda: cloudwatch.describe_alarms(AlarmNames=[bucket])["MetricAlarms"][0]["StateValue"] == "OK")
    yield bucket
    cloudwatch.delete_alarms(AlarmNames=[bucket])


def test_only_differences_are_changes() -> None:
    before = {ENDPOINT: SERVING, ("alarm", "b"): {"state": "OK"}, ("alarm", "c"): {"state": "OK"}}
    after = {
        ENDPOINT: {**SERVING, "state": "Updating"},
        ("alarm", "b"): {"state": "OK"},
        ("alarm", "d"): {"state": "OK"},
    }

    found = [(change["name"], change["previous"], change["state"]) for change in changes(before, after)]

    assert found == [("a", "InService", "Updating"), ("d", None, "OK"), ("c", "OK", "deleted")]


def test_a_line_has_time_kind_name_state_and_details() -> None:
    at = datetime(2026, 1, 1, 10, tzinfo=UTC).astimezone()
    change = {
        "time": at.isoformat(),
        "kind": "alarm",
        "name": "errors",
        "state": "ALARM",
        "previous": "OK",
        "since": at.isoformat(),
        "reason": "Threshold Crossed: ...",
    }

    line = change_line(change)

    clock = f"{at:%H:%M:%S}"
    assert line == f"{clock}  alarm     errors  OK -> ALARM  since {clock}  Threshold Crossed: ..."


def test_an_alarm_and_an_endpoint_are_watched(
    aws: LocalAws, alarm: str, endpoint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["watch", "--once", "--json"], {"LOCAL_STATE": str(aws.state)})

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows = {(row["kind"], row["name"]): row for row in printed}
    assert code == 0
    assert rows["alarm", alarm]["state"] == "OK"
    assert rows["alarm", alarm]["reason"].startswith("Threshold Crossed: no datapoints were received")
    served = rows["endpoint", endpoint]
    assert (served["state"], served["configuration"], served["shift"]) == ("InService", endpoint, "")
    assert served["instances"] == "instances: 1"


def test_each_change_is_yielded_once(aws: LocalAws, alarm: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    seen: list[Any] = []

    # The alarm is in ALARM from its first datapoint on: else for half a second only, which a poll may miss.
    cloudwatch.put_metric_alarm(AlarmName=alarm, **SETTINGS | {"TreatMissingData": "ignore"})

    def pause(_seconds: float) -> None:
        """In place of the pause between the first two observations, the alarm changes."""
        datum = {"MetricName": "Watched", "Value": 1.0}
        cloudwatch.put_metric_data(Namespace="Own", MetricData=[datum])
        until(
            lambda: cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"] == "ALARM"
        )

    for change in watched_changes(aws, pause=pause):
        if change["name"] == alarm and change["kind"] == "alarm":
            seen.append((change["previous"], change["state"]))
            if len(seen) == 2:
                break

    assert seen == [(None, "OK"), ("OK", "ALARM")]


def test_the_shift_of_a_pending_deployment_is_shown() -> None:
    pending = {
        "EndpointConfigName": "two",
        "ProductionVariants": [
            {
                "VariantStatus": [{"Status": "Baking"}],
                "CurrentInstanceCount": 1,
                "DesiredInstanceCount": 2,
            }
        ],
    }
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    described = {
        "EndpointName": "a",
        "EndpointStatus": "Updating",
        "LastModifiedTime": moment,
        "EndpointConfigName": "one",
        "PendingDeploymentSummary": pending,
    }

    [change] = watched_changes(StubbedAws(described), once=True, clock=lambda: moment)  # type: ignore[arg-type]

    assert change["shift"] == "to two, Baking, 1 of 2 instances"
    assert (change["state"], change["configuration"]) == ("Updating", "one")


class StubbedAws:
    """Clients that know one endpoint and no alarm: no emulated update stays in one stage."""

    def __init__(self, endpoint: dict[str, Any]) -> None:
        self._endpoint = endpoint

    def client(self, _service: str) -> "StubbedAws":
        return self

    def get_paginator(self, operation: str) -> "StubbedAws":
        self._operation = operation
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"MetricAlarms": [], "Endpoints": [self._endpoint]}]

    def describe_endpoint(self, **_names: str) -> dict[str, Any]:
        return self._endpoint


def test_ctrl_c_ends_the_command_without_a_traceback(aws: LocalAws, alarm: str) -> None:
    environ = {**inherited_environ(), "LOCAL_STATE": str(aws.state)}
    with subprocess.Popen(
        [sys.executable, "-m", "local", "watch"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout
        while alarm not in watching.stdout.readline():
            pass
        os.kill(watching.pid, signal.SIGINT)
        _, errors = watching.communicate(timeout=120)

    assert (watching.returncode, errors) == (0, "")


def test_watch_needs_a_running_emulator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch"], {"LOCAL_STATE": str(tmp_path)}) == 1
    assert "is not up" in capsys.readouterr().err


def test_a_wrong_speed_is_an_error_before_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["up"], {"LOCAL_STATE": str(tmp_path), "LOCAL_SPEED": "fast"})

    assert code == 1
    assert capsys.readouterr().err.startswith("LOCAL_SPEED is 'fast', which is not a positive number: give")
