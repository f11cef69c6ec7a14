"""Accepted findings of cdk-nag, the project's rules and checkov, each with its reason.

Every synth acknowledges those of cdk-nag and the project's rules; the tests compare checkov's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Acknowledgment, CfnElement, Stack, Validations
from constructs import IConstruct

from stacks.storage.bundle_layout import readable_keys

_CHECKOV_PREFIX = "CKV"
_PLACEHOLDER = re.compile(r"<([\w/]+)\.Arn>")
_PUSH_TO_LOGS = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Findings that are accepted for one reason.

    Attributes:
        reason: The reason, a full sentence.
        rules: Construct path below the stack -> ids of the rules that are accepted there and below. In rules,
            `<path.Arn>` is the ARN of the construct at a path and `{bundles}` the key pattern of the bundles;
            in paths, `{model}` is the name of any of several models.
    """

    reason: str
    rules: Mapping[str, Sequence[str]]


SUPPRESSIONS: Sequence[Suppression] = (
    Suppression(
        reason="S3 delivers access logs hours late, so they would need a second bucket that outlives the "
        "stack, for reads that are one role's and that CloudTrail has where an account records them.",
        rules={"Artifacts/Bucket": ["AwsSolutions-S1", "CKV_AWS_18"]},
    ),
    Suppression(
        reason="Logs hold no request bodies and variables no secrets, and AWS encrypts both with keys of its "
        "own; a key of ours would cost a dollar a month and take the logs with it when it is deleted.",
        rules={"": ["CKV_AWS_158", "CKV_AWS_173"]},
    ),
    Suppression(
        reason="Whoever calls a function waits for the answer, or like CloudFormation for a report, and an "
        "alarm whose mail is lost stays on the dashboard, so a dead-letter queue would save nothing.",
        rules={
            "": ["Serverless-LambdaDLQ", "CKV_AWS_116"],
            "Mail": ["Serverless-SNSRedrivePolicy"],
        },
    ),
    Suppression(
        reason="Functions talk to APIs of AWS only, which a VPC would put a NAT gateway in front of without "
        "taking a permission away, and SageMaker does not isolate serverless endpoints.",
        rules={"": ["CKV_AWS_117"], "Model/Hosted": ["CKV_AWS_370"]},
    ),
    Suppression(
        reason="Reserved concurrency is taken from what all functions of the account share and API Gateway "
        "already limits the rate, so it is set only where a setting asks for it.",
        rules={"": ["CKV_AWS_115"]},
    ),
    Suppression(
        reason="X-Ray's default sampling records 5 % of all requests at 5 dollars a million, as much as the "
        "function costs, and the dashboard and the access log show where the time of a request goes.",
        rules={
            "": ["Serverless-LambdaTracing"],
            "Api/RestApi": ["Serverless-APIGWXrayEnabled", "CKV_AWS_73"],
        },
    ),
    Suppression(
        reason="API Gateway caches answers to GET by their URL, and predictions are answers to POST, each to "
        "rows of its own.",
        rules={"Api/RestApi": ["CKV_AWS_120"]},
    ),
    Suppression(
        reason="POST /predict asks for an API key or, with auth=iam, for a signature, and there are no users "
        "to keep in a Cognito pool; health, description, 405 and preflights, which browsers send without "
        "credentials, are open within low limits, and nothing that is sent there reaches the model.",
        rules={
            "Api/RestApi/Default": ["AwsSolutions-APIG4", "AwsSolutions-COG4"],
            "Api/RestApi/Default/predict/ANY": ["CKV_AWS_59"],
            "Api/RestApi/Default/{model}/predict/ANY": ["CKV_AWS_59"],
            "Api/RestApi/Default/health": ["CKV_AWS_59"],
            "Api/RestApi/Default/openapi.json": ["CKV_AWS_59"],
        },
    ),
    Suppression(
        reason="IAM or the account has no narrower form: some actions take no resource, objects lie under "
        "prefixes of one bucket, and all APIs of an account log with one role that is as AWS documents it.",
        rules={
            "Artifacts/Publisher/Role": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/*]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/models/*]",
            ],
            "Model": [
                "AwsSolutions-IAM5[Resource::*]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/captures/*]",
            ],
            # Only by way of S3, and for the one object that the function reads again.
            "Model/Role": [
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*]"
            ],
            "Api/RestApi/CloudWatchRole": [f"AwsSolutions-IAM4[Policy::{_PUSH_TO_LOGS}]", "House::Trust"],
        },
    ),
    Suppression(
        reason="A web ACL costs from eight dollars a month without a single request, so it is the setting "
        "waf=true and not the default; key, throttle and request model are always there.",
        rules={"Api/RestApi": ["AwsSolutions-APIG3"]},
    ),
)


def acknowledge_findings(stack: Stack, *, models: Sequence[str]) -> None:
    """Acknowledges the accepted findings on the constructs of the stack; absent constructs are skipped.

    Args:
        stack: The complete stack.
        models: Names of the models.
    """
    for entry in SUPPRESSIONS:
        for path, rules in entry.rules.items():
            if construct := _find(stack, path):
                acknowledgments = [
                    Acknowledgment(id=_rule_id(stack, rule, models), reason=entry.reason)
                    for rule in rules
                    if not rule.startswith(_CHECKOV_PREFIX)
                ]
                Validations.of(construct).acknowledge(*acknowledgments)


def _rule_id(stack: Stack, rule: str, models: Sequence[str]) -> str:
    named = rule.replace("{bundles}", readable_keys(models))
    return _PLACEHOLDER.sub(lambda found: f"<{_logical_id(stack, found[1])}.Arn>", named)


def _find(stack: Stack, path: str) -> IConstruct | None:
    found: IConstruct | None = stack
    for name in filter(None, path.split("/")):
        found = found.node.try_find_child(name) if found else None
    return found


def _logical_id(stack: Stack, path: str) -> str:
    found = _find(stack, f"{path}/Resource")
    return str(stack.resolve(stack.get_logical_id(found))) if isinstance(found, CfnElement) else path
