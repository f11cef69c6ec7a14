"""SNS topic that mails alarms and events."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class AlarmTopic(Construct):
    """Encrypted SNS topic with a mail subscription, to which CloudWatch alarms of this account may publish.

    Attributes:
        topic: The topic.
    """

    def __init__(self, scope: Construct, id: str, *, email: str) -> None:
        super().__init__(scope, id)
        # The policy of the AWS managed key for SNS does not admit CloudWatch, so the topic has its own key.
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
        self._key = kms.Key(
            self,
            "Key",
            description=f"Alarms of {Stack.of(self).stack_name}",
            enable_key_rotation=True,
            pending_window=Duration.days(7),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.topic = sns.Topic(self, "Topic", master_key=self._key, enforce_ssl=True)
        self.topic.add_subscription(subscriptions.EmailSubscription(email))
        self._admit("cloudwatch", {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}})

    def admit_rules(self) -> None:
        """Lets rules of EventBridge publish.

        "You can't use Condition blocks in Amazon SNS topic policies for EventBridge":
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        """
        self._admit("events", None)

    def grant_publish(self, role: iam.Role) -> None:
        """Lets a role of this stack publish."""
        for action, resource in (
            ("sns:Publish", self.topic.topic_arn),
            # The topic is encrypted: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
            ("kms:Decrypt", self._key.key_arn),
            ("kms:GenerateDataKey", self._key.key_arn),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[resource]))

    def _admit(self, service: str, conditions: Mapping[str, Any] | None) -> None:
        principals = [iam.ServicePrincipal(f"{service}.amazonaws.com")]
        self._key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions=conditions,
            )
        )
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=principals,
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=conditions,
            )
        )
