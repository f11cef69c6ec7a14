"""SNS topic that mails alarms."""

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class AlarmTopic(Construct):
    """Encrypted SNS topic with a mail subscription; only CloudWatch alarms of this account may publish.

    Attributes:
        topic: The topic.
    """

    def __init__(self, scope: Construct, id: str, *, email: str) -> None:
        super().__init__(scope, id)
        # The policy of the AWS managed key for SNS does not admit CloudWatch, so the topic has its own key.
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
        key = kms.Key(
            self,
            "Key",
            description=f"Alarms of {Stack.of(self).stack_name}",
            enable_key_rotation=True,
            pending_window=Duration.days(7),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        self.topic.add_subscription(subscriptions.EmailSubscription(email))
        key.add_to_resource_policy(
            self._allow_alarms(actions=["kms:Decrypt", "kms:GenerateDataKey*"], resource="*")
        )
        self.topic.add_to_resource_policy(
            self._allow_alarms(actions=["sns:Publish"], resource=self.topic.topic_arn)
        )

    def _allow_alarms(self, *, actions: list[str], resource: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=actions,
            resources=[resource],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
