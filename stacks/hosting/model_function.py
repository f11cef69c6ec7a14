"""Lambda function that serves the model, from a zip or from the image of the endpoints."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Annotations, Aws, CfnResource, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from function_zip.contents import HANDLER, contents_digest
from function_zip.lambda_platform import LAMBDA
from stacks.functions.log_group import make_log_group
from stacks.functions.published_zip import PublishedZip
from stacks.functions.python_function import remove_redundant_dependencies
from stacks.hosting.bundle_reload import BundleReload
from stacks.hosting.guardrails.function_canary import FunctionCanary
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.settings.settings import ROOT, Settings

_ENTRYPOINT = ["/opt/venv/bin/python", "-m", "awslambdaric"]
_MAKE_ZIP = ("python3", "-m", "function_zip")
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
        reload = _make_reload(settings, artifacts)
        if reload:
            reload.grant(role)
        is_guarded = settings.stage == "prod"
        common: dict[str, Any] = {
            "description": "Answers with the model's predictions",
            "architecture": lambda_.Architecture.X86_64,
            "timeout": _TIMEOUT,
            "memory_size": settings.memory_mb,
            "reserved_concurrent_executions": settings.max_concurrency,
            "environment": {
                "MODEL_DATA_URL": artifacts.model_data_url,
                "URL_SUFFIX": Aws.URL_SUFFIX,
                **(reload.environment if reload else {}),
                **(FunctionCanary.environment if is_guarded else {}),
            },
            "log_group": log_group,
            "role": role,
        }
        if settings.packaging == "zip":
            self._function = self._make_zip_function(common, has_snapshot=settings.snapstart)
        else:
            self._function = self._make_image_function(common, image)
        remove_redundant_dependencies(self._function)
        self.name = self._function.function_name
        version = self._function.current_version
        # Lambda makes a snapshot when it publishes the version: the function reads its bundle then.
        version.node.add_dependency(role)
        canary = self._make_canary(version) if is_guarded else None
        self._alias = self._make_alias(version, canary)
        self.environment = {"FUNCTION_NAME": self._alias.function_arn}
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

    def _make_zip_function(self, common: Mapping[str, Any], *, has_snapshot: bool) -> lambda_.Function:
        function = lambda_.Function(
            self,
            "Function",
            code=PublishedZip(command=_MAKE_ZIP, digest=contents_digest(ROOT, LAMBDA)),
            handler=HANDLER,
            runtime=lambda_.Runtime(
                f"python{LAMBDA.python}", lambda_.RuntimeFamily.PYTHON, supports_snap_start=True
            ),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if has_snapshot else None,
            **common,
        )
        Annotations.of(function).acknowledge_warning(
            "@aws-cdk/aws-lambda:snapStartRequirePublish", "The alias refers to a published version."
        )
        return function

    def _make_image_function(self, common: Mapping[str, Any], image: ModelImage) -> lambda_.Function:
        asset = image.asset
        code = lambda_.DockerImageCode.from_ecr(
            asset.repository, tag_or_digest=asset.image_tag, entrypoint=_ENTRYPOINT, cmd=[HANDLER]
        )
        return lambda_.DockerImageFunction(self, "Function", code=code, **common)

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


def _make_reload(settings: Settings, artifacts: ModelArtifacts) -> BundleReload | None:
    if not settings.reload:
        return None
    return BundleReload(url=settings.bundle, seconds=settings.reload, interface=artifacts.interface)
