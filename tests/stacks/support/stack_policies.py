"""Policies of a synthesized template, with the names and ARNs that its resources would have."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT, REGION = "111122223333", "eu-west-1"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Tiny/1-2",
}
_HERE = f"{REGION}:{ACCOUNT}"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
_ARNS = {
    "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{_HERE}:alarm:%s",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/%s",
    "AWS::KMS::Key": f"arn:aws:kms:{_HERE}:key/%s",
    "AWS::Lambda::Function": f"arn:aws:lambda:{_HERE}:function:%s",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_HERE}:log-group:%s:*",
    "AWS::S3::Bucket": "arn:aws:s3:::%s",
    "AWS::SNS::Topic": f"arn:aws:sns:{_HERE}:%s",
    "AWS::SageMaker::Endpoint": f"arn:aws:sagemaker:{_HERE}:endpoint/%s",
    "AWS::SageMaker::ModelPackageGroup": f"arn:aws:sagemaker:{_HERE}:model-package-group/%s",
}
# Ref of these types is the ARN.
_REFERRED_BY_ARN = ("AWS::SNS::Topic", "AWS::SageMaker::Endpoint", "AWS::SageMaker::ModelPackageGroup")
_TEXT_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Fn::Join": lambda separator, parts: separator.join(parts),
    "Fn::Select": lambda index, parts: parts[int(index)],
    "Fn::Split": lambda separator, text: text.split(separator),
}

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StackPolicies:
    """The policies of a stack, without references.

    Attributes:
        identity: The statements of each role, by its construct path below the stack.
        trust: The trust policy of each role.
        resource: The policies of buckets, keys and topics, by construct path.
    """

    identity: Mapping[str, Document]
    trust: Mapping[str, Document]
    resource: Mapping[str, Document]

    @classmethod
    def of(cls, template: Mapping[str, Any]) -> "StackPolicies":
        """Reads the policies of a template with construct paths in its metadata."""
        resources: dict[str, Any] = template["Resources"]
        roles = {name: found for name, found in resources.items() if found["Type"] == "AWS::IAM::Role"}
        documents = {
            "AWS::S3::BucketPolicy": "PolicyDocument",
            "AWS::KMS::Key": "KeyPolicy",
            "AWS::SNS::TopicPolicy": "PolicyDocument",
        }
        return cls(
            identity={
                _path(role): {"Version": "2012-10-17", "Statement": _granted(resources, name)}
                for name, role in roles.items()
            },
            trust={
                _path(role): _resolved(role["Properties"]["AssumeRolePolicyDocument"], resources)
                for role in roles.values()
            },
            resource={
                _path(found): _resolved(found["Properties"][documents[found["Type"]]], resources)
                for found in resources.values()
                if found["Type"] in documents
            },
        )


def _granted(resources: Mapping[str, Any], role: str) -> list[Document]:
    attached = [
        found["Properties"]["PolicyDocument"]
        for found in resources.values()
        if found["Type"] == "AWS::IAM::Policy" and {"Ref": role} in found["Properties"]["Roles"]
    ]
    inline = [policy["PolicyDocument"] for policy in resources[role]["Properties"].get("Policies", ())]
    return [
        statement
        for document in (*attached, *inline)
        for statement in _resolved(document, resources)["Statement"]
    ]


def _path(resource: Mapping[str, Any]) -> str:
    path: str = resource["Metadata"]["aws:cdk:path"].partition("/")[2]
    return path.removesuffix("/Resource")


def _resolved(value: Any, resources: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(part, resources) for part in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", name)]:
            return _PSEUDO.get(name) or _reference(resources[name]["Type"], name)
        case [("Fn::GetAtt", [name, "Arn"])]:
            return _ARNS[resources[name]["Type"]] % name.lower()
        case [("Fn::Join" | "Fn::Select" | "Fn::Split" as function, arguments)]:
            return _TEXT_FUNCTIONS[function](*_resolved(arguments, resources))
        case [("Fn::Sub", str(text))]:
            return re.sub(r"\$\{([\w:]+)\}", lambda found: _PSEUDO[found[1]], text)
        case [("Fn::If", ["Serves", serving, _])]:
            return _resolved(serving, resources)
        case items:
            return {key: _resolved(part, resources) for key, part in items}


def _reference(type_: str, name: str) -> str:
    return _ARNS[type_] % name.lower() if type_ in _REFERRED_BY_ARN else name.lower()
