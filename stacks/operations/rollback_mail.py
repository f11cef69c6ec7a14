"""Mail of an endpoint's update that SageMaker rolls back."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_events as events
from constructs import Construct

from stacks.operations.alarm_topic import AlarmTopic

# The new instances of an update are deleted only when it is rolled back.
# https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-deployment-state
_ROLLED_BACK = {
    "PendingDeploymentSummary": {"ProductionVariants": {"VariantStatus": {"Status": ["Deleting"]}}}
}
_ROLLED_BACK_MAIL = (
    "SageMaker rolls back the update of the endpoint <endpoint> to the configuration <refused>: <serving> "
    "continues to serve, and the reason is in the alarms and the log of the endpoint, and in what "
    "`make smoke` prints."
)
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html#sagemaker-DescribeEndpoint-response-EndpointStatus
_NOT_ROLLED_BACK = {"EndpointStatus": ["UPDATE_ROLLBACK_FAILED"]}
_NOT_ROLLED_BACK_MAIL = (
    "SageMaker could not roll back an update of the endpoint <endpoint>: instances of two configurations "
    "serve, so read the reason that `make smoke` prints, and deploy a bundle that serves."
)
_PATHS = {"endpoint": "$.detail.EndpointName"}
_PATHS_OF_DEPLOYMENT = {
    **_PATHS,
    "refused": "$.detail.PendingDeploymentSummary.EndpointConfigName",
    "serving": "$.detail.EndpointConfigName",
}


class RollbackMail(Construct):
    """Rules of EventBridge that mail a rolled-back update, and a rollback that failed, in one sentence each.

    The mail of an alarm does not say that it rolled an update back, and a model that does not start raises no
    alarm.
    """

    def __init__(self, scope: Construct, id: str, *, endpoint_arn: str, mail: AlarmTopic) -> None:
        super().__init__(scope, id)
        mail.admit_rules()
        self._endpoint_arn = endpoint_arn
        self._topic_arn = mail.topic.topic_arn
        self._make_rule(
            "RolledBack",
            "SageMaker Endpoint Deployment State Change",
            _ROLLED_BACK,
            sentence=_ROLLED_BACK_MAIL,
            paths=_PATHS_OF_DEPLOYMENT,
        )
        self._make_rule(
            "NotRolledBack",
            "SageMaker Endpoint State Change",
            _NOT_ROLLED_BACK,
            sentence=_NOT_ROLLED_BACK_MAIL,
            paths=_PATHS,
        )

    def _make_rule(
        self, id: str, detail_type: str, detail: Mapping[str, Any], *, sentence: str, paths: Mapping[str, str]
    ) -> None:
        transformer = events.CfnRule.InputTransformerProperty(
            # A text is a string of JSON; the mail has its quotation marks too.
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
            input_template=json.dumps(sentence),
            input_paths_map=paths,
        )
        events.CfnRule(
            self,
            id,
            event_pattern={
                "source": ["aws.sagemaker"],
                "resources": [self._endpoint_arn],
                "detail-type": [detail_type],
                "detail": detail,
            },
            targets=[
                events.CfnRule.TargetProperty(id="Mail", arn=self._topic_arn, input_transformer=transformer)
            ],
        )
