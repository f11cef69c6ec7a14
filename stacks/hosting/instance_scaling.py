"""Autoscaling of the instances of a real-time endpoint."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.endpoint_metrics import VARIANT

TARGET_CONCURRENCY = 5
# A quarter of the API's rate limit, because max_instance_count is four by default.
_TARGET_INVOCATIONS_PER_MINUTE = 1500
# AWS scales endpoints with this service-linked role and ignores any other.
_SERVICE_LINKED_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_CONCURRENCY = autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_CONCURRENT_REQUESTS_PER_MODEL_HIGH_RESOLUTION
_INVOCATIONS = autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE


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
            target_value=_TARGET_INVOCATIONS_PER_MINUTE if holds_several else TARGET_CONCURRENCY,
            scale_out_cooldown=Duration.seconds(60),
            scale_in_cooldown=Duration.minutes(5),
        )
