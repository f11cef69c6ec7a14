"""Deployment guardrails of a real-time endpoint: blue/green updates with automatic rollback."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.endpoint_metrics import EndpointMetrics
from stacks.hosting.guardrails.rollback_alarm import (
    BAKE_SECONDS,
    HIGH_ERROR_RATE,
    HIGH_LATENCY,
    HIGH_REFUSAL_RATE,
    MAX_ERROR_RATE,
    MAX_LATENCY_SECONDS,
    MAX_REFUSAL_RATE,
    make_rollback_alarm,
)

_TIMEOUT_SECONDS = 3600
_MICROSECONDS = 1_000_000


class DeploymentGuardrails(Construct):
    """Blue/green update with rollback on alarms, and a canary from two instances on.

    A canary is half of the instances at most, so a single instance is updated all at once:
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html

    The alarms watch the instances of the new configuration only. "If your old fleet trips the alarm during
    the course of a deployment, SageMaker terminates your deployment", so that a version that fails could be
    neither replaced nor rolled back:
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    Their names have that of the configuration: an alarm of another one is another alarm, and starts without a
    state.

    Attributes:
        alarms: Alarms that roll an update back.
        deployment_config: Deployment configuration of the endpoint.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        metrics: EndpointMetrics,
        config: sagemaker.CfnEndpointConfig,
        instance_count: int,
    ) -> None:
        super().__init__(scope, id)
        self._alarm_prefix = rollback_alarm_prefix(Stack.of(self).stack_name)
        fleet = config.attr_endpoint_config_name
        self.alarms = [
            make_rollback_alarm(self, name, *definition, name=f"{self._alarm_prefix}{fleet}-{id}{name}")
            for name, definition in _alarm_definitions(metrics.of_configuration(fleet)).items()
        ]
        self.deployment_config = sagemaker.CfnEndpoint.DeploymentConfigProperty(
            auto_rollback_configuration=sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
                alarms=[
                    sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in self.alarms
                ]
            ),
            blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
                traffic_routing_configuration=_make_routing(instance_count),
                termination_wait_in_seconds=BAKE_SECONDS,
                maximum_execution_timeout_in_seconds=_TIMEOUT_SECONDS,
            ),
        )


def allow_describing_alarms(role: iam.IGrantable, scope: Construct) -> None:
    """Grants cloudwatch:DescribeAlarms on the roll-back alarms of the stack to the execution role of a model.

    SageMaker reads their states with this role:
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    Not on the alarms themselves, which depend on the endpoint configuration, and so on model and role.
    """
    stack = Stack.of(scope)
    alarms = stack.format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name=f"{rollback_alarm_prefix(stack.stack_name)}*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    iam.Grant.add_to_principal(grantee=role, actions=["cloudwatch:DescribeAlarms"], resource_arns=[alarms])


def rollback_alarm_prefix(stack_name: str) -> str:
    """Returns the prefix of the names of a stack's roll-back alarms."""
    return f"{stack_name}-endpoint-"


def _alarm_definitions(metrics: EndpointMetrics) -> Mapping[str, tuple[cloudwatch.Metric, float, str]]:
    return {
        "Errors": (metrics.server_errors(), MAX_ERROR_RATE, HIGH_ERROR_RATE),
        # Counts invalid rows too.
        "ModelErrors": (metrics.model_errors(), MAX_REFUSAL_RATE, HIGH_REFUSAL_RATE),
        "Latency": (metrics.latency("p99"), MAX_LATENCY_SECONDS * _MICROSECONDS, HIGH_LATENCY),
    }


def _make_routing(instance_count: int) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
    if instance_count == 1:
        return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
            type="ALL_AT_ONCE", wait_interval_in_seconds=0
        )
    return sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
        type="CANARY",
        canary_size=sagemaker.CfnEndpoint.CapacitySizeProperty(type="INSTANCE_COUNT", value=1),
        wait_interval_in_seconds=BAKE_SECONDS,
    )
