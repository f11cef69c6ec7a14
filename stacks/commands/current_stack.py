"""Deployed stack, read from CloudFormation, and its running endpoint."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.settings.settings import PAUSED

# The CDK deletes such a stack, and creates it anew:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
_NEVER_CREATED = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_COMPLETE")


@dataclass(frozen=True, kw_only=True)
class CurrentStack:
    """State of the stack that the checks compare with the settings.

    Attributes:
        name: Name of the stack.
        hosting: Its hosting.
        stage: Its stage.
        instance_type: Instance type of its endpoint; None without instances.
        is_scaled: Whether its endpoint is autoscaled.
        sets_logging_role: Whether it sets the account's role for logs of API Gateway.
        parameters: Values of the template's parameters, by name.
        outputs: Values of its outputs, by name.
        status: Its status in CloudFormation's words.
    """

    name: str
    hosting: str
    stage: str
    instance_type: str | None
    is_scaled: bool
    sets_logging_role: bool
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    status: str = "UPDATE_COMPLETE"

    @property
    def is_paused(self) -> bool:
        """Whether `make pause` has deleted its endpoint."""
        return self.parameters.get(PAUSED) == "true"


def read_stack(account: AwsAccount, name: str) -> CurrentStack | None:
    """Reads a deployed stack from its template.

    Returns:
        The stack, or None when there is none, or one whose creation failed.

    Raises:
        UnreadableAccountError: When CloudFormation refuses, or the stack is another application's.
    """
    described = account.read(
        "cloudformation",
        "describe_stacks",
        action="cloudformation:DescribeStacks",
        missing="does not exist",
        StackName=name,
    )
    if described is None or described["Stacks"][0]["StackStatus"] in _NEVER_CREATED:
        return None
    found = account.read(
        "cloudformation",
        "get_template",
        action="cloudformation:GetTemplate",
        StackName=name,
        TemplateStage="Original",
    )
    try:
        return _of_template(name, _parsed(found["TemplateBody"]), described["Stacks"][0])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableAccountError(
            f"The deployed stack {name} is another application's, because its template names no hosting and "
            "no stage: set stack_name to a name that is free."
        ) from error


def require_stack(account: AwsAccount, name: str) -> CurrentStack:
    """Reads a deployed stack.

    Raises:
        UnreadableAccountError: It does not exist, or cannot be read.
    """
    if stack := read_stack(account, name):
        return stack
    raise UnreadableAccountError(f"There is no stack {name} in {account.region}: deploy it, or name another.")


def running_instances(account: AwsAccount, endpoint: str) -> int:
    """Returns the number of instances of an endpoint in service; 0 when there is no such endpoint.

    Raises:
        UnreadableAccountError: When SageMaker refuses.
    """
    described = account.read(
        "sagemaker",
        "describe_endpoint",
        action="sagemaker:DescribeEndpoint",
        missing="Could not find endpoint",
        EndpointName=endpoint,
    )
    variants = (described or {}).get("ProductionVariants") or [{}]
    return int(variants[0].get("CurrentInstanceCount", 0))


def _of_template(name: str, template: Mapping[str, Any], described: Mapping[str, Any]) -> CurrentStack:
    ours, resources = template["Metadata"]["Prediction"], template["Resources"].values()
    [variant] = [
        variant
        for config in _of_type(resources, "AWS::SageMaker::EndpointConfig")
        for variant in config["Properties"]["ProductionVariants"]
    ] or [{}]
    return CurrentStack(
        name=name,
        hosting=str(ours["Hosting"]),
        stage=str(ours["Stage"]),
        instance_type=variant.get("InstanceType"),
        is_scaled=bool(_of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget")),
        sets_logging_role=bool(_of_type(resources, "AWS::ApiGateway::Account")),
        parameters=_by_key(described.get("Parameters", ()), "Parameter"),
        outputs=_by_key(described.get("Outputs", ()), "Output"),
        status=described["StackStatus"],
    )


def _by_key(found: Iterable[Mapping[str, str]], kind: str) -> Mapping[str, str]:
    return {item[f"{kind}Key"]: item[f"{kind}Value"] for item in found}


def _of_type(resources: Iterable[Mapping[str, Any]], type_: str) -> list[Mapping[str, Any]]:
    return [resource for resource in resources if resource["Type"] == type_]


def _parsed(body: Any) -> Mapping[str, Any]:
    # boto3 parses JSON templates and leaves others as text.
    template: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template
