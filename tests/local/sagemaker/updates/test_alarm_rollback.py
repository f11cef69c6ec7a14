"""Rollback by an alarm of CloudWatch, through boto3: the states are read with the role of the model."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.arns import alarm_arn
from local.iam_decisions import fetch_decisions
from local.local_aws import LocalAws
from local.sagemaker.updates.rollback_alarms import AlarmsUnknownError, RollbackAlarms
from tests.local.conftest import make_config
from tests.local.iam.roles import allow, assume, make_role, trust
from tests.local.polling import PATIENT_WAITER, until
from tests.local.sagemaker.permitted_role import CallersRole

Upload = Callable[..., str]


@pytest.fixture
def alarm(aws: LocalAws, bucket: str) -> Iterator[str]:
    """An alarm in OK without data, whose state only the test changes."""
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=bucket,
        Namespace="Test",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    set_state(aws, bucket, "OK")
    yield bucket
    cloudwatch.delete_alarms(AlarmNames=[bucket])


def set_state(aws: LocalAws, alarm: str, state: str) -> None:
    aws.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="the test")


def all_at_once(alarm: str, *, bake: int) -> dict[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": bake,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
    }


def stage(sagemaker: Any, endpoint: str) -> str:
    """Returns the stage of the deployment in progress."""
    summary = sagemaker.describe_endpoint(EndpointName=endpoint).get("PendingDeploymentSummary")
    return str(summary["ProductionVariants"][0]["VariantStatus"][0]["Status"]) if summary else ""


def test_an_alarm_set_by_hand_during_the_bake_rolls_back(
    aws: LocalAws, sagemaker: Any, endpoint: str, alarm: str, upload: Upload
) -> None:
    make_config(sagemaker, f"{endpoint}-two", upload("two", version="two"))
    sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=f"{endpoint}-two",
        DeploymentConfig=all_at_once(alarm, bake=3600),
    )
    until(lambda: stage(sagemaker, endpoint) == "Baking")
    during = sagemaker.describe_endpoint(EndpointName=endpoint)

    set_state(aws, alarm, "ALARM")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=PATIENT_WAITER)

    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", endpoint)
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == f"{endpoint}-two"
    after = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert (after["EndpointConfigName"], "PendingDeploymentSummary" in after) == (endpoint, False)
    assert after["FailureReason"].endswith(f"in ALARM state: {alarm}.")
    readers = {
        row["caller"]
        for row in fetch_decisions(aws).decisions
        if (row["action"], row["resource"]) == ("cloudwatch:DescribeAlarms", alarm_arn(alarm))
    }
    assert readers == {"arn:aws:sts::000000000000:assumed-role/model/SageMaker"}


def test_an_endpoint_is_in_service_on_the_new_configuration_after_its_bake(
    sagemaker: Any, endpoint: str, alarm: str, upload: Upload
) -> None:
    make_config(sagemaker, f"{endpoint}-two", upload("two", version="two"))

    sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=f"{endpoint}-two",
        DeploymentConfig=all_at_once(alarm, bake=30),
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=PATIENT_WAITER)

    after = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert (after["EndpointConfigName"], after.get("FailureReason")) == (f"{endpoint}-two", None)


def test_only_alarms_in_alarm_count(aws: LocalAws, alarm: str) -> None:
    alarms = RollbackAlarms([alarm, "no-such-alarm"], assume=lambda: CallersRole(aws))

    found = []
    for state in ("OK", "ALARM", "INSUFFICIENT_DATA"):
        set_state(aws, alarm, state)
        found.append(alarms.in_alarm())

    assert found == [[], [alarm], []]


def test_alarms_that_the_role_may_not_describe_are_unknown(aws: LocalAws, alarm: str) -> None:
    role = make_role(
        aws, {**trust("sagemaker"), **_trust_of_the_account()}, allow("cloudwatch:PutMetricData")
    )
    session = assume(aws, role)

    with pytest.raises(AlarmsUnknownError, match="not authorized to perform: cloudwatch:DescribeAlarms"):
        RollbackAlarms([alarm], assume=lambda: CallersRole(session)).in_alarm()


def _trust_of_the_account() -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "sts:AssumeRole",
    }
    return {"Statement": [statement]}


@pytest.fixture(autouse=True)
def no_endpoint_left(sagemaker: Any, bucket: str) -> Iterator[None]:
    yield
    with suppress(ClientError):
        sagemaker.delete_endpoint_config(EndpointConfigName=f"{bucket}-two")
