"""Descriptions of scalable targets, scaling policies and scaling activities, as their API returns them."""

from collections.abc import Mapping
from typing import Any

from local.arns import alarm_arn
from local.emulator.scaling.scalable_target import DIMENSION, NAMESPACE, ScalableTarget
from local.emulator.scaling.scaling_activity import ScalingActivity
from local.emulator.scaling.target_tracking import TargetTrackingPolicy
from local.local_aws import ACCOUNT, REGION

# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
_ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def place(target: ScalableTarget | None = None) -> Mapping[str, str]:
    """Returns the members by which the API names a scalable target; without one, of no resource."""
    resource = target.resource_id if target else ""
    return {"ServiceNamespace": NAMESPACE, "ResourceId": resource, "ScalableDimension": DIMENSION}


def target_arn(target: ScalableTarget) -> str:
    """Returns the ARN of a scalable target."""
    return f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/{target.id}"


def described_target(target: ScalableTarget) -> dict[str, Any]:
    """Returns a member of DescribeScalableTargets' result."""
    return {
        **place(target),
        "MinCapacity": target.least,
        "MaxCapacity": target.most,
        "RoleARN": _ROLE,
        "CreationTime": target.created,
        "SuspendedState": _NOT_SUSPENDED,
        "ScalableTargetARN": target_arn(target),
    }


def alarms(policy: TargetTrackingPolicy) -> list[dict[str, str]]:
    """Returns names and ARNs of a policy's alarms."""
    return [
        {"AlarmName": name, "AlarmARN": alarm_arn(name)} for name in (policy.high_alarm, policy.low_alarm)
    ]


def described_policy(policy: TargetTrackingPolicy, target: ScalableTarget) -> dict[str, Any]:
    """Returns a member of DescribeScalingPolicies' result."""
    return {
        **place(target),
        "PolicyARN": policy.arn,
        "PolicyName": policy.name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": policy.target,
            "PredefinedMetricSpecification": {"PredefinedMetricType": policy.metric},
            "ScaleOutCooldown": int(policy.out_cooldown),
            "ScaleInCooldown": int(policy.in_cooldown),
            "DisableScaleIn": not policy.scales_in,
        },
        "Alarms": alarms(policy),
        "CreationTime": policy.created,
    }


def described_activity(activity: ScalingActivity, target: ScalableTarget, *, speed: float) -> dict[str, Any]:
    """Returns a member of DescribeScalingActivities' result, with times of this machine's clock.

    The sentences are those of https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-query-history.html
    """
    wanted = f"set desired instance count to {activity.after}."
    described = {
        **place(target),
        "ActivityId": activity.id,
        "Description": f"Setting desired instance count to {activity.after}.",
        "Cause": activity.cause,
        "StartTime": activity.started / speed,
    }
    if activity.ended is None:
        message = f"Successfully {wanted} Waiting for change to be fulfilled by sagemaker."
        return described | {"StatusCode": "InProgress", "StatusMessage": message}
    message = f"Successfully {wanted} Change successfully fulfilled by sagemaker."
    return described | {
        "EndTime": activity.ended / speed,
        "StatusCode": "Successful",
        "StatusMessage": message,
    }
