"""The Application Auto Scaling API: scalable targets, scaling policies and scaling activities.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from collections.abc import Callable, Iterable
from typing import Any

from local.emulator.scaling.autoscaling import ApplicationAutoScaling
from local.emulator.scaling.descriptions import (
    alarms,
    described_activity,
    described_policy,
    described_target,
    place,
    target_arn,
)
from local.emulator.scaling.scalable_target import ScalableTarget, physical_id
from local.json_protocol import Parameters, Result, ServiceError, invalid_parameters
from local.local_aws import ACCOUNT, REGION

_SERVICE = "application-autoscaling"
_INVALID = "ValidationException"
_DEFAULT_MAX_RESULTS = 50
# Of RegisterScalableTarget.
_UNSUPPORTED = ("SuspendedState", "Tags")

_Operation = Callable[[Parameters], Result]


class ScalingApi:
    """The API.

    Args:
        scaling: The scalable targets.
    """

    def __init__(self, scaling: ApplicationAutoScaling) -> None:
        self._scaling = scaling
        self._operations: dict[str, _Operation] = {
            "DeleteScalingPolicy": self._delete_policy,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "DescribeScalingActivities": self._describe_activities,
            "DescribeScalingPolicies": self._describe_policies,
            "PutScalingPolicy": self._put_policy,
            "RegisterScalableTarget": self._register,
        }

    def call(self, operation: str, parameters: Parameters) -> Result:
        """Executes an operation.

        Raises:
            ServiceError: Application Auto Scaling's error response.
        """
        if operation not in self._operations:
            raise ServiceError(
                "UnknownOperationException",
                f"AWS on this machine has no Application Auto Scaling {operation}.",
            )
        if wrong := invalid_parameters(_SERVICE, operation, parameters):
            raise ServiceError(_INVALID, wrong)
        try:
            return self._operations[operation](parameters)
        except ValueError as error:
            raise ServiceError(_INVALID, f"{error}") from error

    def resource(self, parameters: Parameters) -> str:
        """Returns the ARN that IAM decides about: a scalable target, or * for the Describe operations.

        The id of a target that is not registered yet is unknown, so only a policy for every target allows its
        registration.
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html
        """
        if "ResourceId" not in parameters or "ScalableDimension" not in parameters:
            return "*"
        target = self._scaling.targets.get(_physical_id(parameters))
        return target_arn(target) if target else f"arn:aws:{_SERVICE}:{REGION}:{ACCOUNT}:scalable-target/*"

    def _register(self, parameters: Parameters) -> Result:
        if given := [name for name in _UNSUPPORTED if name in parameters]:
            raise ServiceError(
                _INVALID, f"AWS on this machine does not support {' and '.join(given)}: omit it."
            )
        known = self._scaling.targets.get(_physical_id(parameters))
        bounds = {"MinCapacity": known.least, "MaxCapacity": known.most} if known else {}
        wanted = {**bounds, **parameters}
        if missing := [name for name in ("MinCapacity", "MaxCapacity") if name not in wanted]:
            raise ServiceError(_INVALID, f"{missing[0]} is required to register a scalable target.")
        return {"ScalableTargetARN": target_arn(self._scaling.register(wanted))}

    def _deregister(self, parameters: Parameters) -> Result:
        self._scaling.deregister(self._target(parameters, "No scalable target found").physical_id)
        return {}

    def _describe_targets(self, parameters: Parameters) -> Result:
        chosen = parameters.get("ResourceIds")
        found = (
            described_target(target)
            for target in self._targets(parameters)
            if not chosen or target.resource_id in chosen
        )
        return _page("ScalableTargets", found, parameters)

    def _put_policy(self, parameters: Parameters) -> Result:
        self._target(parameters, "No scalable target registered")
        if "PolicyType" not in parameters:
            raise ServiceError(_INVALID, "PolicyType is required to create a scaling policy.")
        policy = self._scaling.put_policy(_physical_id(parameters), parameters)
        return {"PolicyARN": policy.arn, "Alarms": alarms(policy)}

    def _delete_policy(self, parameters: Parameters) -> Result:
        target = self._scaling.targets.get(_physical_id(parameters))
        policy = target and target.policies.get(parameters["PolicyName"])
        if not policy:
            raise _not_found(
                "No scaling policy found", parameters, f", policy name: {parameters['PolicyName']}"
            )
        self._scaling.delete_policy(policy.arn)
        return {}

    def _describe_policies(self, parameters: Parameters) -> Result:
        names = parameters.get("PolicyNames")
        found = (
            described_policy(policy, target)
            for target in self._targets(parameters)
            for policy in target.policies.values()
            if not names or policy.name in names
        )
        return _page("ScalingPolicies", found, parameters)

    def _describe_activities(self, parameters: Parameters) -> Result:
        found = (
            described_activity(activity, target, speed=self._scaling.speed)
            for target in self._targets(parameters)
            for activity in reversed(target.activities)
        )
        newest_first = sorted(found, key=lambda activity: activity["StartTime"], reverse=True)
        return _page("ScalingActivities", newest_first, parameters)

    def _targets(self, parameters: Parameters) -> list[ScalableTarget]:
        """Returns the targets that a Describe operation names by namespace, dimension and resource."""
        dimension = parameters.get("ScalableDimension")
        if dimension and not ("ResourceId" in parameters or parameters.get("ResourceIds")):
            raise ServiceError(_INVALID, "Specify a resource ID too when you specify a scalable dimension.")
        given = {name: parameters[name] for name in place().keys() & parameters.keys()}
        return [one for one in self._scaling.targets.values() if given.items() <= place(one).items()]

    def _target(self, parameters: Parameters, missing: str) -> ScalableTarget:
        found = self._scaling.targets.get(_physical_id(parameters))
        if found is None:
            raise _not_found(missing, parameters)
        return found


def _physical_id(parameters: Parameters) -> str:
    return physical_id(
        parameters["ResourceId"], parameters["ScalableDimension"], parameters.get("ServiceNamespace", "")
    )


def _not_found(what: str, parameters: Parameters, more: str = "") -> ServiceError:
    """Returns the error in Application Auto Scaling's words.

    https://github.com/hashicorp/terraform-provider-aws/issues/240
    """
    return ServiceError(
        "ObjectNotFoundException",
        f"{what} for service namespace: {parameters['ServiceNamespace']}, resource ID: "
        f"{parameters['ResourceId']}, scalable dimension: {parameters['ScalableDimension']}{more}",
    )


def _page(member: str, items: Iterable[Any], parameters: Parameters) -> Result:
    found, start = list(items), int(parameters.get("NextToken", 0))
    end = start + parameters.get("MaxResults", _DEFAULT_MAX_RESULTS)
    return {member: found[start:end]} | ({"NextToken": str(end)} if end < len(found) else {})
