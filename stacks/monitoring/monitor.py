"""Scheduled function that watches the model: drift of its requests, and outcomes."""

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bundle.cloudwatch_metrics import DIMENSION, DRIFTED_FIELDS, NAMESPACE, PROMISE_BROKEN
from function_zip.contents import MONITOR, MONITOR_HANDLER, contents_digest
from function_zip.lambda_platform import LAMBDA
from monitoring import WINDOW_DAYS
from stacks.functions.log_group import make_log_group
from stacks.functions.published_zip import PublishedZip
from stacks.functions.python_function import remove_redundant_dependencies
from stacks.hosting.functions.bundle_reload import make_reload
from stacks.settings.parsers import MONITOR_HOURS
from stacks.settings.settings import CAPTURES, MONITOR_PAGES, OUTCOMES, ROOT, Settings
from stacks.storage.artifact_store import ArtifactStore

# The longest that Lambda allows: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_TIMEOUT = Duration.minutes(15)
# A whole processor from 1,769 MB on; rows of a window and outcomes take a few hundred.
_MEMORY_MB = 1769


class Monitor(Construct):
    """Function, schedule and alarms.

    Attributes:
        function: The function.
        alarms: Its alarms.
        drift_alarm: The one that says that requests have drifted.
    """

    def __init__(self, scope: Construct, id: str, *, artifacts: ArtifactStore, settings: Settings) -> None:
        super().__init__(scope, id)
        hours = MONITOR_HOURS[settings.monitor]
        self.function = self._make_function(artifacts, settings)
        self._make_schedule(hours)
        self.alarms = [
            self._make_alarm("Drift", self._metric(DRIFTED_FIELDS), "The model's requests have drifted."),
            self._make_alarm(
                "Promise",
                self._metric(PROMISE_BROKEN),
                "Outcomes are worse than the model's manifest promises.",
            ),
            self._make_alarm(
                "Errors",
                self.function.metric_errors(period=Duration.minutes(5)),
                "The monitor fails: the function's log says why.",
            ),
        ]
        self.drift_alarm = self.alarms[0]
        CfnOutput(Stack.of(self), "MonitorFunction", value=self.function.function_name)

    def _make_function(self, artifacts: ArtifactStore, settings: Settings) -> lambda_.Function:
        log_group = make_log_group(self, "Log", keeps_data=settings.keeps_data)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "lambda.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        log_group.grant_write(role)
        reload = make_reload(settings, artifacts)
        if reload:
            reload.grant(role)
        else:
            artifacts.grant_read(role)
        self._grant_bucket(role, artifacts)
        function = lambda_.Function(
            self,
            "Function",
            description="Compares captured requests and outcomes with what training saw",
            code=PublishedZip(
                command=("python3", "-m", "function_zip", MONITOR.name),
                digest=contents_digest(ROOT, LAMBDA, MONITOR),
            ),
            handler=MONITOR_HANDLER,
            runtime=lambda_.Runtime(f"python{LAMBDA.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.X86_64,
            timeout=_TIMEOUT,
            memory_size=_MEMORY_MB,
            environment={
                "MODEL_DATA_URL": reload.url if reload else artifacts.model_data_url,
                "BUCKET": artifacts.bucket.bucket_name,
                "CAPTURES": f"{CAPTURES}/",
                "OUTCOMES": f"{OUTCOMES}/",
                "PAGES": f"{MONITOR_PAGES}/",
                "WINDOW_HOURS": str(24 * WINDOW_DAYS),
            },
            log_group=log_group,
            role=role,
        )
        remove_redundant_dependencies(function)
        return function

    def _make_schedule(self, hours: int) -> None:
        rule = events.CfnRule(
            self,
            "Schedule",
            schedule_expression=f"rate({hours} hour{'s' * (hours > 1)})",
            targets=[events.CfnRule.TargetProperty(id="Function", arn=self.function.function_arn)],
        )
        self.function.add_permission(
            "Schedule", principal=iam.ServicePrincipal("events.amazonaws.com"), source_arn=rule.attr_arn
        )

    def _grant_bucket(self, role: iam.Role, artifacts: ArtifactStore) -> None:
        bucket = artifacts.bucket
        read = [bucket.arn_for_objects(f"{folder}/*") for folder in (CAPTURES, OUTCOMES)]
        written = [bucket.arn_for_objects(f"{MONITOR_PAGES}/*")]
        grants = {"s3:ListBucket": [bucket.bucket_arn], "s3:GetObject": read, "s3:PutObject": written}
        for action, resources in grants.items():
            role.add_to_policy(iam.PolicyStatement(actions=[action], resources=resources))

    def _metric(self, name: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={DIMENSION: self.function.function_name},
            statistic=cloudwatch.Stats.MAXIMUM,
            period=Duration.minutes(5),
        )

    def _make_alarm(self, id: str, metric: cloudwatch.IMetric, description: str) -> cloudwatch.Alarm:
        """Returns an alarm that keeps its state from one run to the next."""
        return cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=0,
            alarm_description=description,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
