"""As many instances as there are requests for."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.endpoint_metrics import VARIANT

REQUESTS_AT_ONCE = 5
# A quarter of what the API lets through, as there are four instances at most unless somebody wants more.
_REQUESTS_A_MINUTE = 1500
# The role that AWS makes and scales endpoints with, whatever other role it is given.
_SERVICE_LINKED_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_CONCURRENCY = autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_CONCURRENT_REQUESTS_PER_MODEL_HIGH_RESOLUTION
_INVOCATIONS = autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE


class InstanceScaling(Construct):
    """Keeps the requests that an instance works on near a target, by more or fewer instances.

    Concurrency is measured every ten seconds and counts what waits, which invocations a minute do not:
    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html
    Of several models only the invocations are promised:
    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints-autoscaling.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        least: int,
        most: int,
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
            min_capacity=least,
            max_capacity=most,
            role=iam.Role.from_role_arn(self, "Role", role_arn),
        )
        target.scale_to_track_metric(
            "Invocations" if holds_several else "Concurrency",
            predefined_metric=_INVOCATIONS if holds_several else _CONCURRENCY,
            target_value=_REQUESTS_A_MINUTE if holds_several else REQUESTS_AT_ONCE,
            scale_out_cooldown=Duration.seconds(60),
            scale_in_cooldown=Duration.minutes(5),
        )
