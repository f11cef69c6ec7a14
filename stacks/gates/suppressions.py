"""Accepted findings of cdk-nag, the project's rules and checkov, each with its reason.

Every synth acknowledges those of cdk-nag and the project's rules, and writes all reasons into the metadata of
the resources, where another checkov or cdk-nag than the project's reads them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Acknowledgment, CfnElement, CfnResource, Stack, Validations
from constructs import IConstruct

from stacks.gates.retraining_suppressions import EVENT_RULES, WILDCARDS
from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.parsers import S3_SCHEME
from stacks.settings.retraining.job_names import job_prefix
from stacks.settings.settings import SCORES, TRAINING_ROWS, TRAINING_WEATHER
from stacks.storage.bundle_layout import readable_keys

_CHECKOV_PREFIX = "CKV"
_FUNCTION = "AWS::Lambda::Function"
# The only hosting in which a rule is violated.
_HOSTING = {"CKV_AWS_370": "serverless"}
_STAGE = "AWS::ApiGateway::Stage"
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"
_ROUTES = "Api/RestApi/Default"
_OPEN_METHODS = (
    "predict/ANY",
    "{model}/predict/ANY",
    "GET",
    "ANY",
    "docs/GET",
    "docs/ANY",
    "model/GET",
    "model/ANY",
    "health/GET",
    "health/ANY",
    "openapi.json/GET",
    "openapi.json/ANY",
)
_PLACEHOLDER = re.compile(r"<([\w/]+)\.(Arn|Name)>")
_CANARY_ALARMS = (
    "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:{stack}-model-version-*"
)
_ENDPOINT_ALARMS = "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:{stack}-endpoint-*"
_ANY_KEY = "arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*"
_EXECUTIONS = (
    "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<Scoring/StateMachine.Name>:*"
)
_TRANSFORM_STREAMS = (
    "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/sagemaker/TransformJobs:"
    "log-stream:*"
)
_PUSH_TO_LOGS = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


# Settings that name a folder, and their own folder in the artifact bucket.
_FOLDERS = {
    "{scored}": ("scoring_data", SCORES),
    "{rows}": ("data", TRAINING_ROWS),
    "{weather}": ("weather", TRAINING_WEATHER),
}


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Findings that are accepted for one reason.

    Attributes:
        reason: The reason, a full sentence.
        rules: Construct path below the stack, or resource type -> ids of the rules that are accepted for this
            construct, or for all resources of the type. In rules, `<path.Arn>` and `<path.Name>` are those of
            the construct at a path, `{bundles}` the key pattern of the bundles, `{stack}` the stack's name,
            `{jobs}` the same in lower case, `{scored}`, `{rows}` and `{weather}` the objects of the settings
            scoring_data, data and weather; in paths, `{model}` is the name of any of several models.
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
        rules={"AWS::Logs::LogGroup": ["CKV_AWS_158"], _FUNCTION: ["CKV_AWS_173"]},
    ),
    Suppression(
        reason="Callers of the functions wait for the response, and CloudFormation for the report of a "
        "custom resource; alarms whose mail is lost are on the dashboard, and `make smoke` reports an update "
        "that was rolled back, so a dead-letter queue has no use.",
        rules={
            _FUNCTION: ["Serverless-LambdaDLQ", "CKV_AWS_116"],
            "Mail/Topic": ["Serverless-SNSRedrivePolicy"],
            "RollbackMail/RolledBack": ["Serverless-EventBusDLQ"],
            "RollbackMail/NotRolledBack": ["Serverless-EventBusDLQ"],
            "Monitor/Schedule": ["Serverless-EventBusDLQ"],
            "Inbox/Arrived": ["Serverless-EventBusDLQ"],
            "Inbox/Scored": ["Serverless-EventBusDLQ"],
            "Inbox/NotScored": ["Serverless-EventBusDLQ"],
            "Inbox/Stopped": ["Serverless-EventBusDLQ"],
            **{f"Triggers/{rule}": ["Serverless-EventBusDLQ"] for rule in EVENT_RULES},
        },
    ),
    Suppression(
        reason="Functions call AWS APIs only, for which a VPC would need a NAT gateway or endpoints without "
        "removing a permission, and SageMaker has no network isolation for serverless endpoints.",
        rules={_FUNCTION: ["CKV_AWS_117"], "Model/Hosted/Model": ["CKV_AWS_370"]},
    ),
    Suppression(
        reason="The zip of the function has packages of the container image, for Python 3.13, which is the "
        "latest that the tests run with.",
        rules={
            place: ["AwsSolutions-L1", "Serverless-LambdaLatestVersion"]
            for place in ("Model/Function", "Scoring/Scorer/Function", "Monitor/Function")
        },
    ),
    Suppression(
        reason="Reserved concurrency reduces the concurrency that all functions of the account share, and "
        "API Gateway already limits the rate, so only the setting max_concurrency reserves it.",
        rules={_FUNCTION: ["CKV_AWS_115"]},
    ),
    Suppression(
        reason="X-Ray's default sampling records 5 % of all requests at 5 dollars a million, as much as the "
        "function costs, and the dashboard and the access log have the latency of each layer.",
        rules={
            _FUNCTION: ["Serverless-LambdaTracing"],
            _STAGE: ["Serverless-APIGWXrayEnabled", "CKV_AWS_73"],
            _STATE_MACHINE: ["AwsSolutions-SF2", "Serverless-StepFunctionStateMachineXray"],
        },
    ),
    Suppression(
        reason="API Gateway caches responses to GET by URL, and predictions are responses to POST, with a "
        "different body each time.",
        rules={_STAGE: ["CKV_AWS_120"]},
    ),
    Suppression(
        reason="POST /predict needs an API key or, with auth=iam, a signature, and there are no users for a "
        "Cognito pool; pages, health, OpenAPI document, 405 and preflights, which browsers send without "
        "credentials, are open with low rate limits, and no request body sent there reaches the model.",
        rules={
            "AWS::ApiGateway::Method": ["AwsSolutions-APIG4", "AwsSolutions-COG4"],
            **{f"{_ROUTES}/{method}": ["CKV_AWS_59"] for method in _OPEN_METHODS},
        },
    ),
    Suppression(
        reason="IAM has no narrower form: some actions take no resource, objects are below prefixes of one "
        "bucket, and all APIs of an account log with one role, whose policy is the one AWS documents.",
        rules={
            # The versions of the registry are acknowledged where they are named, because their ARN has the
            # stack's id: stacks/registry/model_registry.py.
            "Artifacts/Publisher/Role/DefaultPolicy": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/*]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/models/*]",
            ],
            "Model/Hosted/Role/DefaultPolicy": [
                "AwsSolutions-IAM5[Resource::*]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/captures/*]",
                # The names of the roll-back alarms have that of the endpoint configuration.
                f"AwsSolutions-IAM5[Resource::{_ENDPOINT_ALARMS}]",
            ],
            # A folder of another bucket is acknowledged where it is named:
            # stacks/hosting/batch_transform_permissions.py.
            "Model/Scoring/Policy": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/scores/*]",
                f"AwsSolutions-IAM5[Resource::{_TRANSFORM_STREAMS}]",
            ],
            "Model/Role/DefaultPolicy": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/captures/*]",
                # Its condition limits it to S3 and to the object that the function reloads.
                f"AwsSolutions-IAM5[Resource::{_ANY_KEY}]",
            ],
            "Monitor/Role/DefaultPolicy": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/captures/*]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/outcomes/*]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/monitor/*]",
                f"AwsSolutions-IAM5[Resource::{_ANY_KEY}]",
            ],
            "Api/Invoker/Role/DefaultPolicy": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}/manifest.json]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}/report.html]",
            ],
            "Scoring/Role/DefaultPolicy": [
                # The actions with which Step Functions delivers its log take no resource.
                "AwsSolutions-IAM5[Resource::*]",
                "AwsSolutions-IAM5[Resource::{scored}]",
                # Its condition limits it to S3 and to the objects of the folder.
                f"AwsSolutions-IAM5[Resource::{_ANY_KEY}]",
            ],
            "Scoring/Children": [f"AwsSolutions-IAM5[Resource::{_EXECUTIONS}]"],
            "Scoring/Scorer/Role/DefaultPolicy": [
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}]",
                "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/inbox/*]",
                "AwsSolutions-IAM5[Resource::{scored}]",
                f"AwsSolutions-IAM5[Resource::{_ANY_KEY}]",
            ],
            **WILDCARDS,
            # The names of a canary's alarms have the number of the version, which IAM may learn too late.
            "Model/Update/Role/DefaultPolicy": [f"AwsSolutions-IAM5[Resource::{_CANARY_ALARMS}]"],
            "Api/RestApi/CloudWatchRole": [f"AwsSolutions-IAM4[Policy::{_PUSH_TO_LOGS}]", "House::Trust"],
        },
    ),
    Suppression(
        reason="A web ACL costs at least eight dollars a month without a single request, so it is a setting, "
        "waf=true, instead of the default; API key, throttling and request model are always present.",
        rules={_STAGE: ["AwsSolutions-APIG3"]},
    ),
)


def acknowledge_findings(stack: Stack, *, models: Sequence[str], hosting: str) -> None:
    """Acknowledges the accepted findings on the constructs of the stack; absent constructs are skipped.

    Args:
        stack: The complete stack.
        models: Names of the models.
        hosting: Hosting of the models.
    """
    resources = [found for found in stack.node.find_all() if isinstance(found, CfnResource)]
    by_type: dict[str, list[IConstruct]] = defaultdict(list)
    for resource in resources:
        by_type[resource.cfn_resource_type].append(resource)
    for entry in SUPPRESSIONS:
        for place, rules in entry.rules.items():
            ids = [_rule_id(stack, rule, models) for rule in rules if _HOSTING.get(rule, hosting) == hosting]
            for construct in by_type.get(place) or _find_all(stack, place, models):
                _accept(construct, ids, entry.reason)


def _accept(construct: IConstruct, rules: Sequence[str], reason: str) -> None:
    """Acknowledges rules for the synth; checkov reads its own from the metadata of the resource.

    https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
    """
    skipped = [rule for rule in rules if rule.startswith(_CHECKOV_PREFIX)]
    acknowledged = [Acknowledgment(id=rule, reason=reason) for rule in rules if rule not in skipped]
    if acknowledged:
        Validations.of(construct).acknowledge(*acknowledged)
    resource = construct if isinstance(construct, CfnResource) else construct.node.default_child
    if skipped and isinstance(resource, CfnResource):
        earlier = (resource.get_metadata("checkov") or {"skip": []})["skip"]
        skips = [{"id": rule, "comment": reason} for rule in skipped]
        resource.add_metadata("checkov", {"skip": [*earlier, *skips]})


def _rule_id(stack: Stack, rule: str, models: Sequence[str]) -> str:
    named = rule.replace("{bundles}", readable_keys(models)).replace("{stack}", stack.stack_name)
    named = named.replace("{jobs}", job_prefix(stack.stack_name))
    for mark, (setting, own) in _FOLDERS.items():
        named = named.replace(mark, _objects(stack.node.try_get_context(setting), own=own))
    return _PLACEHOLDER.sub(lambda found: f"<{_logical_id(stack, found[1])}.{found[2]}>", named)


def _objects(folder: str | None, *, own: str) -> str:
    """Returns the objects in the folder of a setting, as a finding names them; `own` is its own folder."""
    if folder is None or folder == OWN_FOLDER:
        return f"<Artifacts/Bucket.Arn>/{own}/*"
    return f"arn:<AWS::Partition>:s3:::{folder.removeprefix(S3_SCHEME).removesuffix('/')}/*"


def _find_all(stack: Stack, path: str, models: Sequence[str]) -> Iterator[IConstruct]:
    for named in dict.fromkeys(path.replace("{model}", model) for model in models):
        if found := _find(stack, named):
            yield found


def _find(stack: Stack, path: str) -> IConstruct | None:
    found: IConstruct | None = stack
    for name in filter(None, path.split("/")):
        found = found.node.try_find_child(name) if found else None
    return found


def _logical_id(stack: Stack, path: str) -> str:
    found = _find(stack, f"{path}/Resource")
    return str(stack.resolve(stack.get_logical_id(found))) if isinstance(found, CfnElement) else path
