"""Updates of endpoints whose serving processes run: load during a shift, rollbacks, events."""

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.local.polling import until
from tests.local.sagemaker.updates.running_endpoint import CLIENTS, Load, Parts, invoke

CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 60,
        },
        "TerminationWaitInSeconds": 60,
        "MaximumExecutionTimeoutInSeconds": 3600,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


def update(parts: Parts, name: str) -> Any:
    """Updates the endpoint with a canary; returns the endpoint when it has settled."""
    endpoint = parts.hosting.update("endpoint", name, options={"DeploymentConfig": CANARY})
    assert endpoint.settled.wait(120)
    return endpoint


@pytest.mark.slow
def test_a_canary_of_a_good_model_loses_no_request(parts: Parts) -> None:
    shares: list[float] = []
    mixed: Counter[str] = Counter()
    with Load(parts.hosting) as load:

        def bake() -> None:
            pending = parts.hosting.endpoints.get("endpoint").pending
            before = len(load.answers)
            load.more(40)
            if pending:
                shares.append(pending.share)
                mixed.update(load.answers[before:] if pending.share < 1 else ())

        load.more()
        parts.clock.during_wait = bake
        endpoint = update(parts, parts.configure("two"))
        after = len(load.answers)
        load.more()

    assert load.failures == []
    assert (endpoint.status, endpoint.failure, endpoint.config.name) == ("InService", "", "two")
    assert shares == [0.5] * 6 + [1.0] * 6
    assert min(mixed["one"], mixed["two"]) > 0.3 * mixed.total()
    assert load.answers[after:].count("one") <= CLIENTS


def test_an_alarm_during_the_canary_returns_all_requests_to_the_old_model(parts: Parts) -> None:
    with Load(parts.hosting) as load:

        def bake() -> None:
            load.more()
            parts.alarms.state = "ALARM"

        parts.clock.during_wait = bake
        endpoint = update(parts, parts.configure("two"))
        after = len(load.answers)
        load.more()

    assert load.failures == []
    assert "two" in load.answers
    assert load.answers[after:].count("two") <= CLIENTS
    assert (endpoint.status, endpoint.config.name) == ("InService", "one")
    assert endpoint.failure.endswith("in ALARM state: errors.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"fails_while": "/"}, "The serving process ended with exit code 3."),
        ({"startup": 1, "ping": 503}, "The serving process did not pass /ping in 1 s."),
        ({"startup": 1, "never_listens": True}, "The serving process did not pass /ping in 1 s."),
    ],
    ids=["crashes", "unhealthy", "hangs"],
)
def test_a_model_that_never_starts_gets_no_request(
    parts: Parts, behaviour: dict[str, Any], reason: str
) -> None:
    with Load(parts.hosting) as load:
        endpoint = update(parts, parts.configure("two", **behaviour))
        load.more()

    assert (load.failures, set(load.answers)) == ([], {"one"})
    assert (endpoint.status, endpoint.config.name) == ("InService", "one")
    assert endpoint.failure.startswith(
        "The primary container for production variant primary did not pass the ping health check. Please "
        "check CloudWatch logs for this endpoint."
    )
    assert reason in endpoint.failure


def test_a_request_on_the_new_fleet_is_finished_before_its_rollback_ends(
    parts: Parts, tmp_path: Path
) -> None:
    gate, answers = tmp_path / "gate", list[str]()
    gate.touch()
    endpoint = parts.hosting.endpoints.get("endpoint")

    def invoke_new_fleet() -> None:
        endpoint.choose = lambda: 0.0
        with parts.hosting.lease("endpoint") as lease:
            answers.append(invoke(lease.port, gate=str(gate)))

    invoking = threading.Thread(target=invoke_new_fleet)

    def bake() -> None:
        if not parts.clock.seconds > 10:
            invoking.start()
            until(gate.with_suffix(".reached").exists)
            parts.alarms.state = "ALARM"

    parts.clock.during_wait = bake
    parts.hosting.update("endpoint", parts.configure("two"), options={"DeploymentConfig": CANARY})
    until(lambda: endpoint.pending is not None and endpoint.pending.status == "Deleting")
    with parts.hosting.lease("endpoint") as lease:
        meanwhile = invoke(lease.port)
    was_settled = endpoint.settled.is_set()
    gate.unlink()
    invoking.join()

    assert endpoint.settled.wait(120)
    assert (answers, meanwhile, was_settled) == (["two"], "one", False)


def test_an_endpoint_can_be_updated_again_after_a_rollback(parts: Parts) -> None:
    parts.alarms.state = "ALARM"
    update(parts, parts.configure("two"))
    parts.alarms.state = "OK"

    endpoint = update(parts, "two")

    assert (endpoint.status, endpoint.failure, endpoint.config.name) == ("InService", "", "two")


def test_events_report_each_status_and_each_stage(parts: Parts) -> None:
    update(parts, parts.configure("two"))

    assert parts.statuses() == ["CREATING", "IN_SERVICE", "UPDATING", "IN_SERVICE"]
    stages = [
        (kind, resource, detail)
        for kind, resource, detail in parts.events
        if kind == "SageMaker Endpoint Deployment State Change"
    ]
    _, resource, detail = stages[2]
    assert resource == detail["EndpointArn"] == "arn:aws:sagemaker:us-east-1:000000000000:endpoint/endpoint"
    assert (detail["EndpointStatus"], detail["EndpointConfigName"]) == ("UPDATING", "one")
    summary = detail["PendingDeploymentSummary"]
    assert summary["EndpointConfigName"] == "two"
    (variant,) = summary["ProductionVariants"]
    (status,) = variant.pop("VariantStatus")
    assert variant == {
        "VariantName": "primary",
        "CurrentWeight": 1.0,
        "DesiredWeight": 1.0,
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 2,
    }
    assert (status["Status"], status["StatusMessage"]) == (
        "Baking",
        (
            "Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of "
            "1 instance(s)."
        ),
    )
    assert status["StartTime"] >= summary["StartTime"] >= detail["CreationTime"]
    json.dumps(detail)


def test_a_rollback_is_reported_as_the_end_of_the_new_fleet(parts: Parts) -> None:
    parts.alarms.state = "ALARM"

    update(parts, parts.configure("two"))

    kind, _, detail = parts.events[-2]
    assert kind == "SageMaker Endpoint Deployment State Change"
    (variant,) = detail["PendingDeploymentSummary"]["ProductionVariants"]
    assert variant["VariantStatus"][0]["StatusMessage"] == "Terminating 2 instance(s)."
    assert parts.statuses()[-2:] == ["UPDATING", "IN_SERVICE"]
