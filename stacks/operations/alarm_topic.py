"""Where alarms go: a topic that mails them."""

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class AlarmTopic(Construct):
    """An encrypted topic that takes messages over TLS, from this account's alarms only, and mails them.

    Attributes:
        topic: The topic.
    """

    def __init__(self, scope: Construct, id: str, *, email: str) -> None:
        super().__init__(scope, id)
        # AWS's own key for SNS does not let CloudWatch in, so the topic needs one whose policy does.
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
            self._from_alarms(actions=["kms:Decrypt", "kms:GenerateDataKey*"], resource="*")
        )
        self.topic.add_to_resource_policy(
            self._from_alarms(actions=["sns:Publish"], resource=self.topic.topic_arn)
        )

    def _from_alarms(self, *, actions: list[str], resource: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=actions,
            resources=[resource],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
