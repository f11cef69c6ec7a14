"""How an endpoint on instances goes from one model to the next, and what turns it back."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.endpoint_metrics import EndpointMetrics

_BAKE_SECONDS = 600
_LONGEST_SECONDS = 3600
_MICROSECONDS = 1_000_000
_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD


class SafeUpdate(Construct):
    """A blue/green update that alarms roll back, by a canary where there are instances enough for one.

    A canary may be half of the instances at most, so one instance changes at once, and is watched as long:
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html

    Attributes:
        alarms: What rolls an update back.
        deployment_config: The endpoint's deployment configuration.
    """

    def __init__(self, scope: Construct, id: str, *, metrics: EndpointMetrics, instance_count: int) -> None:
        super().__init__(scope, id)
        self.alarms = [self._make_alarm(name, *watched) for name, watched in _watched(metrics).items()]
        self.deployment_config = sagemaker.CfnEndpoint.DeploymentConfigProperty(
            auto_rollback_configuration=sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
                alarms=[
                    sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in self.alarms
                ]
            ),
            blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
                traffic_routing_configuration=_routing(instance_count),
                termination_wait_in_seconds=_BAKE_SECONDS,
                maximum_execution_timeout_in_seconds=_LONGEST_SECONDS,
            ),
        )

    def _make_alarm(
        self, id: str, metric: cloudwatch.Metric, threshold: float, description: str
    ) -> cloudwatch.Alarm:
        return metric.create_alarm(
            self,
            id,
            threshold=threshold,
            alarm_description=description,
            comparison_operator=_ABOVE,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _watched(metrics: EndpointMetrics) -> Mapping[str, tuple[cloudwatch.Metric, float, str]]:
    return {
        "Errors": (metrics.server_errors(), 0.01, "The model fails on more than one request in a hundred."),
        # Refused rows count here too, which are the client's fault unless they are most of all.
        "ModelErrors": (
            metrics.model_errors(),
            0.5,
            "More than half of the requests get no prediction from the model.",
        ),
        "Latency": (
            metrics.latency("p99"),
            1 * _MICROSECONDS,
            "One request in a hundred takes the model longer than a second.",
        ),
    }


def _routing(instance_count: int) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
    if instance_count == 1:
        return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type="ALL_AT_ONCE", wait_interval_in_seconds=0
        )
    return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
        type="CANARY",
        canary_size=sagemaker.CfnEndpoint.CapacitySizeProperty(type="INSTANCE_COUNT", value=1),
        wait_interval_in_seconds=_BAKE_SECONDS,
    )
