"""Autoscaling of the instances of a real-time endpoint."""

from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.endpoint_metrics import VARIANT
from stacks.settings.instance_types import vcpus

# One core answers so many requests a second when it works on so many at once and their heads differ. With one
# head it answers half as many more, as `make bench` shows (benchmarks/results/serving.md). AWS does not say
# whether the requests of SageMaker have one head.
_REQUESTS_PER_SECOND, _REQUESTS_AT_ONCE = 19_000, 16
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html
_SAFETY_FACTOR = 0.5
# More cores answer more, with a front process for every two workers; how much more is not measured.
_MOST_CORES = 4
# AWS scales endpoints with this service-linked role and ignores any other.
_SERVICE_LINKED_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_CONCURRENCY = autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_CONCURRENT_REQUESTS_PER_MODEL_HIGH_RESOLUTION
_INVOCATIONS = autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE


@dataclass(frozen=True, kw_only=True)
class InstanceCapacity:
    """Load that an instance carries with a reserve for the minutes until another one has started.

    Attributes:
        instance_type: The instance type.
    """

    instance_type: str

    @property
    def concurrency(self) -> int:
        """Requests at once."""
        return int(self._cores * _REQUESTS_AT_ONCE * _SAFETY_FACTOR)

    @property
    def requests_per_second(self) -> int:
        """Requests a second."""
        return int(self._cores * _REQUESTS_PER_SECOND * _SAFETY_FACTOR)

    @property
    def _cores(self) -> int:
        return min(vcpus(self.instance_type), _MOST_CORES)


class InstanceScaling(Construct):
    """Target tracking of the concurrency of an instance, or of its invocations with several models.

    Concurrency is measured every ten seconds and includes queued requests, unlike invocations a minute:
    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html
    For multi-model endpoints, AWS documents invocations only:
    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints-autoscaling.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        min_capacity: int,
        max_capacity: int,
        instance: InstanceCapacity,
        holds_several: bool,
    ) -> None:
        super().__init__(scope, id)
        role_arn = Stack.of(self).format_arn(
            service="iam", region="", resource="role", resource_name=_SERVICE_LINKED_ROLE
        )
        target = autoscaling.ScalableTarget(
            self,
            "Target",
            service_namespace=autoscaling.ServiceNamespace.SAGEMAKER,
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            resource_id=f"endpoint/{endpoint.attr_endpoint_name}/variant/{VARIANT}",
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            role=iam.Role.from_role_arn(self, "Role", role_arn),
        )
        target.scale_to_track_metric(
            "Invocations" if holds_several else "Concurrency",
            predefined_metric=_INVOCATIONS if holds_several else _CONCURRENCY,
            target_value=60 * instance.requests_per_second if holds_several else instance.concurrency,
            scale_out_cooldown=Duration.seconds(60),
            scale_in_cooldown=Duration.minutes(5),
        )
