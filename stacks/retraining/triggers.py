"""Triggers of a run: a clock, new objects, the alarm of the monitor, or the approval of a version."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.operations.alarm_topic import AlarmTopic
from stacks.registry.model_registry import ModelRegistry
from stacks.retraining.retraining import Retraining
from stacks.settings.retraining.parsers import ON_DATA, schedule_of
from stacks.settings.settings import Settings

_TARGET = "StateMachine"


class Triggers(Construct):
    """Rules of EventBridge with the state machine as their target, and the mail of runs that were ended."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        retraining: Retraining,
        bucket: s3.Bucket,
        registry: ModelRegistry,
        drift: cloudwatch.IAlarm | None,
        mail: AlarmTopic | None,
        settings: Settings,
    ) -> None:
        """Adds the rules that the settings ask for.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            retraining: The state machine.
            bucket: Artifact bucket.
            registry: Registry of the stack.
            drift: Alarm that starts a run; None for none.
            mail: Topic of the stack; None for none.
            settings: Settings of the stack.
        """
        super().__init__(scope, id)
        self._machine_arn = retraining.state_machine.state_machine_arn
        self._role: iam.Role | None = None
        if schedule := schedule_of(settings.retrain):
            self._start("Clock", {"because": "schedule"}, schedule=schedule)
        if settings.retrain == ON_DATA:
            self._on_objects(retraining, bucket)
        if drift:
            self._start(
                "Drifted",
                {"because": "drift"},
                pattern={
                    "source": ["aws.cloudwatch"],
                    "detail-type": ["CloudWatch Alarm State Change"],
                    "resources": [drift.alarm_arn],
                    "detail": {"state": {"value": ["ALARM"]}},
                },
            )
        if settings.approve == "manual":
            self._on_approval(registry)
        if mail:
            self._mail_ends(mail)

    def _on_objects(self, retraining: Retraining, bucket: s3.Bucket) -> None:
        rows, resource = retraining.rows, bucket.node.default_child
        if rows.is_own and isinstance(resource, s3.CfnBucket):
            # The CDK's own property makes a function with permissions on every bucket of the account.
            resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                    event_bridge_enabled=True
                )
            )
        key = {"object": {"key": [{"prefix": rows.prefix}]}} if rows.prefix else {}
        self._start(
            "Arrived",
            {"because": "data"},
            pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [rows.bucket]}, **key},
            },
        )

    def _on_approval(self, registry: ModelRegistry) -> None:
        """Releases a version that a person approves.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-model-package
        """
        self._start(
            "Approved",
            {"because": "approval", "package": "<package>"},
            pattern={
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Package State Change"],
                "detail": {
                    "ModelPackageGroupName": [registry.group_name],
                    "ModelApprovalStatus": ["Approved"],
                },
            },
            paths={"package": "$.detail.ModelPackageArn"},
        )

    def _start(
        self,
        id: str,
        given: Mapping[str, str],
        *,
        pattern: Mapping[str, Any] | None = None,
        schedule: str | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> None:
        template = json.dumps(given)
        transformer = (
            # A variable in quotation marks is a part of a text:
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
            {
                "input_transformer": events.CfnRule.InputTransformerProperty(
                    input_template=template, input_paths_map=paths
                )
            }
            if paths
            else {"input": template}
        )
        events.CfnRule(
            self,
            id,
            event_pattern=pattern,
            schedule_expression=schedule,
            targets=[
                events.CfnRule.TargetProperty(
                    id=_TARGET,
                    arn=self._machine_arn,
                    role_arn=self._starter.role_arn,
                    **transformer,
                )
            ],
        )

    @property
    def _starter(self) -> iam.Role:
        """Role of the rules, which may start executions of the one state machine."""
        if self._role is None:
            self._role = iam.Role(
                self,
                "Role",
                # https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
                assumed_by=iam.ServicePrincipal(
                    "events.amazonaws.com",
                    conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                ),
            )
            self._role.add_to_policy(
                iam.PolicyStatement(actions=["states:StartExecution"], resources=[self._machine_arn])
            )
        return self._role

    def _mail_ends(self, mail: AlarmTopic) -> None:
        """Mails the ends that no state of the run can tell."""
        mail.admit_rules()
        events.CfnRule(
            self,
            "Ended",
            event_pattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [self._machine_arn], "status": ["TIMED_OUT", "ABORTED"]},
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="Mail",
                    arn=mail.topic.topic_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_template=json.dumps(
                            "The retraining <run> is <status>: `make smoke` says which version serves, and "
                            "`make retrain` starts another run."
                        ),
                        input_paths_map={"run": "$.detail.name", "status": "$.detail.status"},
                    ),
                )
            ],
        )
