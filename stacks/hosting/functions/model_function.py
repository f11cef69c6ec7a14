"""Lambda function that serves the model, from a zip or from the image of the endpoints."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnResource, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from function_zip.contents import HANDLER
from stacks.functions.log_group import make_log_group
from stacks.hosting.endpoint_metrics import VARIANT
from stacks.hosting.functions.bundle_reload import make_reload, model_environment
from stacks.hosting.functions.packaged_function import make_packaged_function
from stacks.hosting.guardrails.function_canary import FunctionCanary
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.settings.settings import Settings

_ALIAS = "live"
# Above the invoker's timeout, so that a cold start completes and the next request is warm.
_TIMEOUT = Duration.seconds(30)


class ModelFunction(Construct):
    """Function that reads the bundle from S3 at its cold start, and again on changes with the setting reload.

    Callers use an alias. It refers to a published version, which an update replaces when the new one is
    ready: at once in stage dev, and in stage prod after a canary, which alarms roll back.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html

    Attributes:
        name: Name of the function.
        environment: Environment variables with which the invoker finds it.
        alarms: Its alarms.
        widgets: Its dashboard widgets.
        served: ARN of the alias, known once it has been shifted.
        pause: None, because it costs nothing while nobody asks.
        guarded_arn: None, because CloudFormation rolls its updates back.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ModelImage,
        artifacts: ModelArtifacts,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        role, log_group = self._make_role_and_log(keeps_data=settings.keeps_data)
        artifacts.grant_read(role)
        reload = make_reload(settings, artifacts)
        if reload:
            reload.grant(role)
        if settings.data_capture_percent:
            artifacts.grant_capture(role)
        is_guarded = settings.stage == "prod"
        self._function = make_packaged_function(
            self,
            "Function",
            handler=HANDLER,
            packaging=settings.packaging,
            image=image,
            has_snapshot=settings.snapstart,
            properties={
                "description": "Answers with the model's predictions",
                # Of a published version, which CloudFormation replaces when the released version changes:
                # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
                "current_version_options": lambda_.VersionOptions(description=artifacts.version),
                "timeout": _TIMEOUT,
                "memory_size": settings.memory_mb,
                "reserved_concurrent_executions": settings.max_concurrency,
                "environment": {
                    **model_environment(artifacts, reload),
                    **(FunctionCanary.environment if is_guarded else {}),
                    **_capture_environment(artifacts, settings),
                },
                "log_group": log_group,
                "role": role,
            },
        )
        self.name = self._function.function_name
        version = self._function.current_version
        # Lambda makes a snapshot when it publishes the version: the function reads its bundle then.
        version.node.add_dependency(role)
        canary = self._make_canary(version) if is_guarded else None
        self._alias = self._make_alias(version, canary)
        self.environment = {"FUNCTION_NAME": self._alias.function_arn}
        self.served = self._alias.function_arn
        self.pause = None
        self.guarded_arn = None
        self.alarms = [*self._make_alarms(), *(canary.alarms if canary else ())]
        if reload:
            self.alarms.append(reload.make_alarm(self, self._function))
        self.widgets = self._make_widgets()

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` lambda:InvokeFunction on the alias."""
        return self._grant(grantee, "lambda:InvokeFunction")

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` lambda:GetFunctionConfiguration on the alias."""
        return self._grant(grantee, "lambda:GetFunctionConfiguration")

    def _grant(self, grantee: iam.IGrantable, action: str) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=[action], resource_arns=[self._alias.function_arn]
        )

    def _make_canary(self, version: lambda_.Version) -> FunctionCanary:
        return FunctionCanary(self, "Update", function=self._function, version=version, alias=_ALIAS)

    def _make_alias(self, version: lambda_.Version, canary: FunctionCanary | None) -> lambda_.Alias:
        alias = lambda_.Alias(self, "Live", alias_name=_ALIAS, version=version)
        resource = alias.node.default_child
        if canary and isinstance(resource, CfnResource):
            resource.cfn_options.update_policy = canary.update_policy
        return alias

    def _make_role_and_log(self, *, keeps_data: bool) -> tuple[iam.Role, logs.LogGroup]:
        log_group = make_log_group(self, "Log", keeps_data=keeps_data)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "lambda.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        log_group.grant_write(role)
        return role, log_group

    def _make_alarms(self) -> list[cloudwatch.Alarm]:
        minute = Duration.minutes(1)
        watched = {
            "Errors": (self._function.metric_errors(period=minute), "The model's function fails."),
            "Throttles": (
                self._function.metric_throttles(period=minute),
                "There are more requests at once than the model's function may take.",
            ),
        }
        return [
            metric.create_alarm(
                self,
                name,
                threshold=0,
                alarm_description=description,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for name, (metric, description) in watched.items()
        ]

    def _make_widgets(self) -> list[cloudwatch.ConcreteWidget]:
        minute = Duration.minutes(1)
        function = self._function
        return [
            cloudwatch.GraphWidget(
                title="3 Model function: calls a minute",
                left=[function.metric_invocations(period=minute)],
                right=[function.metric_errors(period=minute), function.metric_throttles(period=minute)],
            ),
            cloudwatch.GraphWidget(
                title="3 Model function: milliseconds",
                left=[
                    function.metric_duration(period=minute, statistic="p50"),
                    function.metric_duration(period=minute, statistic="p99"),
                ],
                right=[function.metric("ConcurrentExecutions", period=minute, statistic="Maximum")],
            ),
        ]


def _capture_environment(artifacts: ModelArtifacts, settings: Settings) -> Mapping[str, str]:
    """Returns the environment variables with which the function captures requests and responses."""
    if not settings.data_capture_percent:
        return {}
    return {
        "CAPTURE_PERCENT": str(settings.data_capture_percent),
        "CAPTURE_URL": artifacts.captures_url,
        "CAPTURE_VARIANT": VARIANT,
    }
