"""Canary of a Lambda function: CodeDeploy shifts its alias to a new version, and back on alarms."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, Aws, CfnCodeDeployLambdaAliasUpdate, CfnUpdatePolicy, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bundle.cloudwatch_metrics import DIMENSION, NAMESPACE, REQUESTS_REFUSED, VERSION
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

# https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
_CONFIGURATION = f"CodeDeployDefault.LambdaCanary10Percent{BAKE_SECONDS // 60}Minutes"
_ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
_MINUTE = Duration.minutes(1)


class FunctionCanary(Construct):
    """CodeDeploy application and deployment group of one alias, with the alarms of the new version.

    The alarms watch the new version only, so those of a version that fails do not stop the update that
    replaces it. Their names have the version's number: an alarm of another version is another alarm, and
    starts without a state.

    Attributes:
        environment: Environment variables of the function, which make it count what it refuses.
        alarms: Alarms that roll an update back.
        update_policy: Update policy of the alias.
    """

    environment: Mapping[str, str] = {"COUNT_REFUSALS": "true"}

    def __init__(
        self, scope: Construct, id: str, *, function: lambda_.Function, version: lambda_.Version, alias: str
    ) -> None:
        super().__init__(scope, id)
        self._function = function
        self._alarm_prefix = f"{Stack.of(self).stack_name}-model-version-"
        self.alarms = [
            make_rollback_alarm(
                self, name, *definition, name=f"{self._alarm_prefix}{version.version}-{name.lower()}"
            )
            for name, definition in self._alarm_definitions(version, alias).items()
        ]
        application = codedeploy.CfnApplication(self, "Application", compute_platform="Lambda")
        group = self._make_group(application, alias)
        self.update_policy = CfnUpdatePolicy(
            code_deploy_lambda_alias_update=CfnCodeDeployLambdaAliasUpdate(
                application_name=application.ref, deployment_group_name=group.ref
            )
        )

    def _alarm_definitions(
        self, version: lambda_.Version, alias: str
    ) -> Mapping[str, tuple[cloudwatch.Metric, float, str]]:
        # The dimensions of a version behind a weighted alias:
        # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
        dimensions = {
            "FunctionName": self._function.function_name,
            "Resource": f"{self._function.function_name}:{alias}",
            "ExecutedVersion": version.version,
        }

        def metric(name: str, statistic: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="AWS/Lambda",
                metric_name=name,
                dimensions_map=dimensions,
                statistic=statistic,
                period=_MINUTE,
            )

        return {
            # Lambda sends 0 or 1 for each invocation, so the average is the error rate.
            "Errors": (metric("Errors", cloudwatch.Stats.AVERAGE), MAX_ERROR_RATE, HIGH_ERROR_RATE),
            # A refused request is no error of the function, so the function itself counts them.
            "Refusals": (self._refusals(version), MAX_REFUSAL_RATE, HIGH_REFUSAL_RATE),
            "Latency": (metric("Duration", "p99"), MAX_LATENCY_SECONDS * 1000, HIGH_LATENCY),
        }

    def _refusals(self, version: lambda_.Version) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=REQUESTS_REFUSED,
            dimensions_map={DIMENSION: self._function.function_name, VERSION: version.version},
            statistic=cloudwatch.Stats.AVERAGE,
            period=_MINUTE,
        )

    def _make_group(
        self, application: codedeploy.CfnApplication, alias: str
    ) -> codedeploy.CfnDeploymentGroup:
        group = codedeploy.CfnDeploymentGroup
        role = self._make_role(alias)
        made = group(
            self,
            "Group",
            application_name=application.ref,
            service_role_arn=role.role_arn,
            deployment_config_name=_CONFIGURATION,
            deployment_style=group.DeploymentStyleProperty(
                deployment_type="BLUE_GREEN", deployment_option="WITH_TRAFFIC_CONTROL"
            ),
            alarm_configuration=group.AlarmConfigurationProperty(
                enabled=True,
                alarms=[group.AlarmProperty(name=alarm.alarm_name) for alarm in self.alarms],
            ),
            auto_rollback_configuration=group.AutoRollbackConfigurationProperty(
                enabled=True, events=list(_ROLLBACK_EVENTS)
            ),
        )
        # The first deployment may start as soon as the group exists.
        made.node.add_dependency(role.node.find_child("DefaultPolicy"))
        return made

    def _make_role(self, alias: str) -> iam.Role:
        """Returns the service role, with those actions of AWSCodeDeployRoleForLambda that a canary needs.

        https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambda.html
        """
        role = iam.Role(
            self,
            "Role",
            # https://docs.aws.amazon.com/codedeploy/latest/userguide/security_confused_deputy.html
            assumed_by=iam.ServicePrincipal(
                "codedeploy.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        arn = self._function.function_arn
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
                resources=[arn, f"{arn}:{alias}"],
            )
        )
        # Not the alarms themselves: a policy that changes with each version may apply too late.
        alarms = Stack.of(self).format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=f"{self._alarm_prefix}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=[alarms]))
        return role
