"""Calls of AWS services to each other, which the policy of the called resource decides.

API Gateway calls a function with the function's permission, CloudWatch and EventBridge publish to a topic
with the topic's policy and that of its key, and Lambda writes a function's log with the function's role.
"""

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import cloudwatch_logs, kms, lambda_svc, sns

from local.arns import alarm_arn, function_arn, log_stream_arn
from local.iam.policy_evaluation import PolicyEvaluation
from local.iam.role_session import RoleSessions, TrustError, service_request
from local.local_aws import ACCOUNT, REGION

_GATEWAY = "apigateway.amazonaws.com"
_CLOUDWATCH = "cloudwatch.amazonaws.com"
_EVENTS = "events.amazonaws.com"
_LAMBDA = "lambda.amazonaws.com"


class ServiceCalls:
    """Decides about calls of services.

    Args:
        evaluation: Decides and records.
        sessions: The sessions of roles.
    """

    def __init__(self, *, evaluation: PolicyEvaluation, sessions: RoleSessions) -> None:
        self._evaluation = evaluation
        self._sessions = sessions

    def gateway_may_invoke(self, function: str, event: Mapping[str, Any]) -> bool:
        """Whether the permission of a function lets API Gateway call it for a request.

        https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions

        Args:
            function: The function's name or ARN.
            event: The proxy event, whose context names API, stage and method.
        """
        context = event.get("requestContext", {})
        method = f"{context.get('stage')}/{context.get('httpMethod')}{context.get('resourcePath')}"
        source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{context.get('apiId')}/{method}"
        arn = function if function.startswith("arn:") else function_arn(function)
        policy = lambda_svc.function_policy_for_arn(arn)
        return self._resource_allows(
            _GATEWAY, "lambda:InvokeFunction", arn, policy[0] if policy else None, _keys(source)
        )

    def alarm_may_publish(self, alarm: str, topic: str) -> bool:
        """Whether the policies of a topic, and of its key if it has one, let an alarm publish to it.

        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse

        Args:
            alarm: The alarm's name.
            topic: The topic's ARN.
        """
        return self._may_publish(_CLOUDWATCH, topic, _keys(alarm_arn(alarm)))

    def rule_may_publish(self, topic: str) -> bool:
        """Whether the policies of a topic, and of its key if it has one, let EventBridge publish to it.

        EventBridge gives no condition keys: "You can't use Condition blocks in Amazon SNS topic policies for
        EventBridge", and AWS's statement for the key of an encrypted topic has no Condition either.
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html

        Args:
            topic: The topic's ARN.
        """
        return self._may_publish(_EVENTS, topic, {})

    def function_may_log(self, function: str, role_arn: str, group: str, stream: str) -> bool:
        """Whether the role of a function lets it write to its log; otherwise Lambda drops the lines.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
        """
        try:
            credentials = self._sessions.assume(
                _LAMBDA, role_arn, name=function, source_arn=function_arn(function)
            )
        except TrustError:
            return False
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        if group not in cloudwatch_logs._log_groups:
            actions.insert(0, "logs:CreateLogGroup")
        resource = log_stream_arn(group, stream)
        return not any(
            self._evaluation.check(credentials.access_key_id, action, resource) for action in actions
        )

    def _may_publish(self, service: str, topic: str, keys: Mapping[str, str]) -> bool:
        attributes = (sns._topics.get(topic) or {}).get("attributes", {})
        if not self._resource_allows(service, "sns:Publish", topic, attributes.get("Policy"), keys):
            return False
        key = attributes.get("KmsMasterKeyId")
        return not key or all(
            self._key_allows(service, action, key, keys) for action in ("kms:Decrypt", "kms:GenerateDataKey")
        )

    def _key_allows(self, service: str, action: str, key: str, keys: Mapping[str, str]) -> bool:
        arn = key if key.startswith("arn:") else f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"
        policy = kms.key_policy_for_arn(arn)
        return self._resource_allows(service, action, arn, policy[0] if policy else None, keys)

    def _resource_allows(
        self,
        service: str,
        action: str,
        resource: str,
        policy: str | Mapping[str, Any] | None,
        keys: Mapping[str, str],
    ) -> bool:
        request = service_request(service, action, resource, keys)
        found = iam_evaluator.evaluate_resource_policy(policy, request, service=service)
        is_allowed: bool = found.decision == "Allow"
        self._evaluation.record(
            service,
            action,
            resource,
            statement=f"{found.matched_sid or 'a statement'} of {resource}'s policy" if is_allowed else "",
            reason="" if is_allowed else _NOT_ALLOWED.format(service, action, resource, action),
        )
        return is_allowed


def _keys(source: str) -> Mapping[str, str]:
    """Returns the condition keys of a call that a service makes for one of its resources."""
    return {"aws:sourcearn": source, "aws:sourceaccount": ACCOUNT}


_NOT_ALLOWED = (
    "User: {} is not authorized to perform: {} on resource: {} "
    "because no resource-based policy allows the {} action"
)
