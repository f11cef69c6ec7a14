"""A deployed stack, as CloudFormation knows it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from api import join_with_and, model_prefixes
from smoke.errors import NotFoundError, UnprovenError

_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource: its logical id, its type, and its physical id, which may be a name or an ARN."""

    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of ours.

    Attributes:
        name: Its name.
        status: Its status, as UPDATE_COMPLETE.
        outputs: Its outputs by name; those every such stack has are there.
        resources: What it made.
        template: What it was made from.
    """

    name: str
    status: str
    outputs: Mapping[str, str]
    resources: Sequence[Resource]
    template: Mapping[str, Any]

    def resource(self, type_: str, physical_id: str | None = None) -> Resource | None:
        """The resource of a type, and of a physical id where there are more of the type; None without."""
        for resource in self.resources:
            if resource.type == type_ and physical_id in (None, resource.physical_id):
                return resource
        return None

    def check_settled(self) -> str:
        """The last deployment went through.

        Raises:
            UnprovenError: It was rolled back, or is not over.
        """
        if self.status in _SETTLED:
            return f"{self.name} is {self.status}"
        if "ROLLBACK" in self.status:
            raise UnprovenError(
                f"{self.name} is {self.status}: the last deployment was rolled back and the stack serves "
                "the OLD configuration; its events in CloudFormation say why"
            )
        raise UnprovenError(f"{self.name} is {self.status}: run this again when its deployment is over")


def find_stack(cloudformation: Any, name: str, *, models: Sequence[str]) -> Stack:
    """Read a stack with its outputs, resources and template.

    Args:
        cloudformation: A boto3 client.
        name: The stack's name.
        models: The names of the models it should serve.

    Raises:
        NotFoundError: There is no such stack, or it has not the outputs that a service of these models has.
    """
    region = cloudformation.meta.region_name
    try:
        [described] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise NotFoundError(f"There is no stack {name} in {region}: deploy it, or name another.") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}
    if missing := [output for output in _outputs(models) if output not in outputs]:
        raise NotFoundError(
            f"Stack {name} in {region} is {described['StackStatus']} and has no output {missing[0]}: "
            f"it is not, or not yet, a prediction service of {join_with_and(models)}."
        )
    return Stack(
        name=name,
        status=described["StackStatus"],
        outputs=outputs,
        resources=_resources(cloudformation, name),
        template=_template(cloudformation, name),
    )


def _outputs(models: Sequence[str]) -> list[str]:
    of_models = [
        f"{name}{mark}" for mark in model_prefixes(models).values() for name in ("PredictUrl", "ModelVersion")
    ]
    return [*of_models, "HealthUrl", "EndpointName"]


def _resources(cloudformation: Any, name: str) -> list[Resource]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return [
        Resource(
            logical_id=found["LogicalResourceId"],
            type=found["ResourceType"],
            physical_id=found.get("PhysicalResourceId", ""),
        )
        for page in pages
        for found in page["StackResourceSummaries"]
    ]


def _template(cloudformation: Any, name: str) -> Mapping[str, Any]:
    body = cloudformation.get_template(StackName=name)["TemplateBody"]
    # botocore reads a template that is JSON by itself, and leaves it a string otherwise.
    template: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template
