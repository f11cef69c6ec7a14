"""A function that follows a bundle in S3: what it has to know, what it may read, and what tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import ArnFormat, Aws, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bundle.reload_metrics import DIMENSION, NAMESPACE, REFUSED
from stacks.settings.values import S3_SCHEME


@dataclass(frozen=True, kw_only=True)
class BundleReload:
    """Which object is followed.

    Attributes:
        url: Its address, s3://bucket/key.
        seconds: How often the function looks whether it has changed, at most.
        interface: What the clients of the deployed bundle rely on.
    """

    url: str
    seconds: int
    interface: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What the function has to know."""
        return {
            "RELOAD_SECONDS": str(self.seconds),
            "RELOAD_URL": self.url,
            "MODEL_INTERFACE": self.interface,
        }

    def grant(self, role: iam.Role) -> None:
        """Lets the role read this object and no other, also when it is encrypted with a key of KMS.

        S3 asks KMS in the name of who reads, with the ARN of the object, or of its bucket where that has a
        bucket key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        """
        stack = Stack.of(role)
        bucket, _, key = self.url.removeprefix(S3_SCHEME).partition("/")
        of_bucket, of_object = (
            stack.format_arn(
                service="s3", region="", account="", resource=name, arn_format=ArnFormat.NO_RESOURCE_NAME
            )
            for name in (bucket, f"{bucket}/{key}")
        )
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[of_object]))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[stack.format_arn(service="kms", resource="key", resource_name="*")],
                conditions={
                    "StringEquals": {
                        "kms:ViaService": f"s3.{Aws.REGION}.{Aws.URL_SUFFIX}",
                        "kms:EncryptionContext:aws:s3:arn": [of_bucket, of_object],
                    }
                },
            )
        )

    def make_alarm(self, scope: Construct, function: lambda_.IFunction) -> cloudwatch.Alarm:
        """Says when the object holds nothing that may be served, and what was there before goes on serving.

        Once is enough: a function looks only when it is asked something.
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
