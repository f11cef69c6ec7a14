"""Inbox: a file that is put into a folder of the artifact bucket is scored, and the result is mailed."""

import json
from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from bundle.scored_file_formats import RANGE_BYTES
from stacks.operations.alarm_topic import AlarmTopic
from stacks.scoring.file_scoring import FileScoring
from stacks.settings.settings import INBOX

_TARGET = "StateMachine"


class Inbox(Construct):
    """Rules of EventBridge: an object of the inbox starts a run, and the end of a run is mailed.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
    """

    def __init__(
        self, scope: Construct, id: str, *, bucket: s3.Bucket, scoring: FileScoring, mail: AlarmTopic
    ) -> None:
        super().__init__(scope, id)
        resource = bucket.node.default_child
        if isinstance(resource, s3.CfnBucket):
            # The CDK's own property makes a function with permissions on every bucket of the account.
            resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                    event_bridge_enabled=True
                )
            )
        self._machine_arn = scoring.state_machine.state_machine_arn
        self._make_arrival(bucket, scoring)
        mail.admit_rules()
        # https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        run = {"run": "$.detail.name", "input": "$.detail.input"}
        self._make_mail("Scored", ["SUCCEEDED"], mail, {**run, "result": "$.detail.output"})
        ended = {**run, "status": "$.detail.status"}
        self._make_mail("NotScored", ["FAILED"], mail, {**ended, "reason": "$.detail.cause"})
        # A run that is stopped may have no cause, and a variable without a value is no JSON.
        self._make_mail("Stopped", ["TIMED_OUT", "ABORTED"], mail, ended)

    def _make_arrival(self, bucket: s3.Bucket, scoring: FileScoring) -> None:
        role = iam.Role(
            self,
            "Role",
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["states:StartExecution"], resources=[self._machine_arn])
        )
        members = {
            "bucket": "<bucket>",
            "prefix": "<key>",
            "output": json.dumps(f"{scoring.folder.prefix}/{INBOX}/<id>/"),
            "range_bytes": str(RANGE_BYTES),
        }
        events.CfnRule(
            self,
            "Arrived",
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [bucket.bucket_name]},
                    # A file in another format is mailed as a failure; folders and marks have no dot.
                    "object": {"key": [{"wildcard": f"{INBOX}/*.*"}]},
                },
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id=_TARGET,
                    arn=self._machine_arn,
                    role_arn=role.role_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_template=_object(members),
                        input_paths_map={
                            "bucket": "$.detail.bucket.name",
                            "key": "$.detail.object.key",
                            "id": "$.id",
                        },
                    ),
                )
            ],
        )

    def _make_mail(self, id: str, statuses: list[str], mail: AlarmTopic, paths: Mapping[str, str]) -> None:
        """Mails an object of JSON: an output is JSON itself, which a sentence could not hold."""
        events.CfnRule(
            self,
            id,
            event_pattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [self._machine_arn], "status": statuses},
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="Mail",
                    arn=mail.topic.topic_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_template=_object({name: f"<{name}>" for name in paths}),
                        input_paths_map=paths,
                    ),
                )
            ],
        )


def _object(members: Mapping[str, str]) -> str:
    """Returns a template of an object; a variable outside of quotation marks becomes a value of JSON.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members.items()) + "}"
