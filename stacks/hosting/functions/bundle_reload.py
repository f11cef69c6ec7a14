"""Bundle of a function: its environment, and the reload from S3 with permissions and alarm."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import ArnFormat, Aws, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bundle.cloudwatch_metrics import DIMENSION, NAMESPACE, REFUSED
from stacks.hosting.encrypted_objects import key_use
from stacks.hosting.model_host import ModelArtifacts
from stacks.settings.parsers import S3_SCHEME
from stacks.settings.settings import Settings


@dataclass(frozen=True, kw_only=True)
class BundleReload:
    """Reload of one S3 object.

    Attributes:
        url: S3 URI of the object, s3://bucket/key.
        seconds: Minimum interval between two checks for a change.
        interface: Digest of the request and response interface of the deployed bundle.
    """

    url: str
    seconds: int
    interface: str

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables of the function."""
        return {
            "RELOAD_SECONDS": str(self.seconds),
            "RELOAD_URL": self.url,
            "MODEL_INTERFACE": self.interface,
        }

    def grant(self, role: iam.Role) -> None:
        """Grants the role read access to this object only, including decryption with a KMS key."""
        stack = Stack.of(role)
        bucket, _, key = self.url.removeprefix(S3_SCHEME).partition("/")
        of_bucket, of_object = (
            stack.format_arn(
                service="s3", region="", account="", resource=name, arn_format=ArnFormat.NO_RESOURCE_NAME
            )
            for name in (bucket, f"{bucket}/{key}")
        )
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[of_object]))
        role.add_to_policy(key_use(role, objects=[of_bucket, of_object]))

    def make_alarm(self, scope: Construct, function: lambda_.IFunction) -> cloudwatch.Alarm:
        """Returns an alarm on rejected bundles, while the function keeps serving the previous one.

        A single datapoint raises it, because the function checks for changes during requests only.
        """
        metric = cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=REFUSED,
            dimensions_map={DIMENSION: function.function_name},
            statistic=cloudwatch.Stats.SUM,
            period=Duration.minutes(5),
        )
        return metric.create_alarm(
            scope,
            "Reload",
            threshold=0,
            alarm_description="The bundle in S3 is not served: the function's log says why.",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def make_reload(settings: Settings, artifacts: ModelArtifacts) -> BundleReload | None:
    """Returns the reload of the settings; None without one."""
    if not settings.reload:
        return None
    return BundleReload(url=settings.bundle, seconds=settings.reload, interface=artifacts.interface)


def model_environment(artifacts: ModelArtifacts, reload: BundleReload | None) -> Mapping[str, str]:
    """Returns the environment variables with which a function finds its bundle."""
    return {
        "MODEL_DATA_URL": artifacts.model_data_url,
        "URL_SUFFIX": Aws.URL_SUFFIX,
        **(reload.environment if reload else {}),
    }
