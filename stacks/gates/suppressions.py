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
        reason="S3 delivers access logs hours late, so they would need a second bucket, retained after the "
        "stack, to log reads of a single role, which CloudTrail records where it is enabled.",
        rules={"Artifacts/Bucket": ["AwsSolutions-S1", "CKV_AWS_18"]},
    ),
    Suppression(
        reason="Logs have no request bodies and variables no secrets, and AWS encrypts both with its own "
        "keys; a customer key costs a dollar a month, and logs are lost when it is deleted.",
        rules={"": ["CKV_AWS_158", "CKV_AWS_173"]},
    ),
    Suppression(
        reason="Callers of the functions wait for the response, and CloudFormation for the report of a "
        "custom resource; alarms whose mail is lost are on the dashboard, so a dead-letter queue has no use.",
        rules={
            "": ["Serverless-LambdaDLQ", "CKV_AWS_116"],
            "Mail": ["Serverless-SNSRedrivePolicy"],
        },
    ),
    Suppression(
        reason="Functions call AWS APIs only, for which a VPC would need a NAT gateway or endpoints without "
        "removing a permission, and SageMaker has no network isolation for serverless endpoints.",
        rules={"": ["CKV_AWS_117"], "Model/Hosted": ["CKV_AWS_370"]},
    ),
    Suppression(
        reason="Reserved concurrency reduces the concurrency that all functions of the account share, and "
        "API Gateway already limits the rate, so only the setting max_concurrency reserves it.",
        rules={"": ["CKV_AWS_115"]},
    ),
    Suppression(
        reason="X-Ray's default sampling records 5 % of all requests at 5 dollars a million, as much as the "
        "function costs, and the dashboard and the access log have the latency of each layer.",
        rules={
            "": ["Serverless-LambdaTracing"],
            "Api/RestApi": ["Serverless-APIGWXrayEnabled", "CKV_AWS_73"],
        },
    ),
    Suppression(
        reason="API Gateway caches responses to GET by URL, and predictions are responses to POST, with a "
        "different body each time.",
        rules={"Api/RestApi": ["CKV_AWS_120"]},
    ),
    Suppression(
        reason="POST /predict needs an API key or, with auth=iam, a signature, and there are no users for a "
        "Cognito pool; health, OpenAPI document, 405 and preflights, which browsers send without "
        "credentials, are open with low rate limits, and no request body sent there reaches the model.",
        rules={
            "Api/RestApi/Default": ["AwsSolutions-APIG4", "AwsSolutions-COG4"],
            "Api/RestApi/Default/predict/ANY": ["CKV_AWS_59"],
            "Api/RestApi/Default/{model}/predict/ANY": ["CKV_AWS_59"],
            "Api/RestApi/Default/health": ["CKV_AWS_59"],
            "Api/RestApi/Default/openapi.json": ["CKV_AWS_59"],
        },
    ),
    Suppression(
        reason="IAM has no narrower form: some actions take no resource, objects are below prefixes of one "
        "bucket, and all APIs of an account log with one role, whose policy is the one AWS documents.",
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
            # Its condition limits it to S3 and to the object that the function reloads.
            "Model/Role": [
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*]"
            ],
            "Api/RestApi/CloudWatchRole": [f"AwsSolutions-IAM4[Policy::{_PUSH_TO_LOGS}]", "House::Trust"],
        },
    ),
    Suppression(
        reason="A web ACL costs at least eight dollars a month without a single request, so it is a setting, "
        "waf=true, instead of the default; API key, throttling and request model are always present.",
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
