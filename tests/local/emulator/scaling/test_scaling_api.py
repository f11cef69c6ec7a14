"""The Application Auto Scaling API, by boto3 in a running emulator; activities with the clock of the test."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.scaling.scaling_api import ScalingApi
from local.json_protocol import ServiceError
from local.local_aws import LocalAws
from tests.local.emulator.scaling.scaled_variant import (
    SPEED,
    FakeCapacity,
    ScaledVariant,
    policy_properties,
    target_properties,
)
from tests.local.iam.roles import allow, make_user

SERVICE = "application-autoscaling"
PLACE = ("ServiceNamespace", "ResourceId", "ScalableDimension")


@pytest.fixture
def target(endpoint: str) -> dict[str, Any]:
    """Parameters of a scalable target of an endpoint of its own."""
    return dict(target_properties(1, 3, ResourceId=f"endpoint/{endpoint}/variant/primary"))


def place_of(target: dict[str, Any]) -> dict[str, Any]:
    return {name: target[name] for name in PLACE}


def test_targets_and_policies_are_registered_described_and_deleted(
    aws: LocalAws, target: dict[str, Any]
) -> None:
    client, place = aws.client(SERVICE), place_of(target)
    named = {"ServiceNamespace": place["ServiceNamespace"], "ResourceIds": [place["ResourceId"]]}

    arn = client.register_scalable_target(**target)["ScalableTargetARN"]
    again = client.register_scalable_target(**place, MaxCapacity=2)["ScalableTargetARN"]
    put = client.put_scaling_policy(**place, **policy_properties(5))

    [described] = client.describe_scalable_targets(**named)["ScalableTargets"]
    assert arn == again == described["ScalableTargetARN"]
    assert (described["MinCapacity"], described["MaxCapacity"]) == (1, 2)
    [policy] = client.describe_scaling_policies(**place, PolicyNames=["policy"])["ScalingPolicies"]
    assert (policy["PolicyARN"], policy["Alarms"]) == (put["PolicyARN"], put["Alarms"])
    configuration = dict(policy_properties(5))["TargetTrackingScalingPolicyConfiguration"]
    assert policy["TargetTrackingScalingPolicyConfiguration"] == configuration | {"DisableScaleIn": False}
    names = [alarm["AlarmName"] for alarm in put["Alarms"]]
    assert len(aws.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]) == 2

    client.delete_scaling_policy(**place, PolicyName="policy")
    assert client.describe_scaling_policies(**place)["ScalingPolicies"] == []
    assert aws.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"] == []
    client.deregister_scalable_target(**place)
    assert client.describe_scalable_targets(**named)["ScalableTargets"] == []


def test_what_does_not_exist_is_refused_in_the_words_of_application_auto_scaling(
    aws: LocalAws, target: dict[str, Any]
) -> None:
    client, place = aws.client(SERVICE), place_of(target)
    words = (
        f" for service namespace: sagemaker, resource ID: {place['ResourceId']}, "
        "scalable dimension: sagemaker:variant:DesiredInstanceCount"
    )
    missing = client.exceptions.ObjectNotFoundException

    with pytest.raises(missing, match=f"No scalable target registered{words}"):
        client.put_scaling_policy(**place, **policy_properties(5))
    with pytest.raises(missing, match=f"No scalable target found{words}"):
        client.deregister_scalable_target(**place)
    with pytest.raises(missing, match=f"No scaling policy found{words}, policy name: none"):
        client.delete_scaling_policy(**place, PolicyName="none")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"MinCapacity": 4}, "Maximum capacity cannot be less than minimum capacity"),
        ({"ResourceId": "endpoint/absent/variant/primary"}, "There is no endpoint/absent/variant/primary"),
        ({"Tags": {"a": "b"}}, "does not support Tags"),
        ({"MinCapacity": None}, "MinCapacity is required"),
        ({"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}, "endpoints only"),
    ],
)
def test_a_wrong_registration_is_refused(
    aws: LocalAws, target: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    client = aws.client(SERVICE)
    wanted = {name: value for name, value in {**target, **changed}.items() if value is not None}

    with pytest.raises(client.exceptions.ValidationException, match=message):
        client.register_scalable_target(**wanted)


def test_a_caller_needs_permission_on_the_scalable_target(aws: LocalAws, target: dict[str, Any]) -> None:
    place, every = (
        place_of(target),
        "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/*",
    )
    arn = aws.client(SERVICE).register_scalable_target(**target)["ScalableTargetARN"]
    actions = [f"{SERVICE}:{name}" for name in ("RegisterScalableTarget", "PutScalingPolicy")]
    user = make_user(aws, allow(*actions, resource=every)).client(SERVICE)

    user.register_scalable_target(**place, MaxCapacity=2)
    with pytest.raises(
        ClientError, match=r"not authorized to perform: .*:DeregisterScalableTarget"
    ) as refused:
        user.deregister_scalable_target(**place)
    with pytest.raises(ClientError, match=r"perform: .*:DescribeScalableTargets on resource: \*"):
        user.describe_scalable_targets(ServiceNamespace="sagemaker")

    assert f"on resource: {arn} " in str(refused.value)


@pytest.mark.usefixtures("empty_cloudwatch")
def test_activities_are_described_newest_first_with_their_times_here() -> None:
    # Given a scale-out that has ended, and a scale-in that is in progress
    capacity = FakeCapacity(2)
    variant = ScaledVariant(capacity)
    registered = variant.scaling.register(target_properties(2, 6))
    variant.scaling.put_policy(registered.physical_id, policy_properties(10))
    variant.load(20, periods=4)
    api = ScalingApi(variant.scaling)
    variant.load(1, periods=100)

    # When they are described, in pages
    query = {"ServiceNamespace": "sagemaker", "MaxResults": 1}
    first = api.call("DescribeScalingActivities", query)
    rest = api.call("DescribeScalingActivities", query | {"MaxResults": 9, "NextToken": first["NextToken"]})

    # Then
    [newest], oldest = first["ScalingActivities"], rest["ScalingActivities"][-1]
    assert newest["Description"] == "Setting desired instance count to 2."
    assert (oldest["StatusCode"], oldest["Description"]) == (
        "Successful",
        "Setting desired instance count to 4.",
    )
    assert oldest["Cause"].startswith(
        "monitor alarm TargetTracking-endpoint/endpoint/variant/primary-AlarmHigh"
    )
    assert oldest["StatusMessage"] == (
        "Successfully set desired instance count to 4. Change successfully fulfilled by sagemaker."
    )
    assert newest["StartTime"] - oldest["StartTime"] <= 104 * 10 / SPEED
    assert "NextToken" not in rest


def test_an_operation_that_is_missing_is_named() -> None:
    api = ScalingApi(ScaledVariant(FakeCapacity(1)).scaling)

    with pytest.raises(ServiceError, match="has no Application Auto Scaling PutScheduledAction"):
        api.call("PutScheduledAction", {})
