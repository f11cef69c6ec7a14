"""Deployed CloudFormation stack: status, outputs, resources and template."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from api import join_with_and, model_prefixes
from bundle import MANIFEST, Manifest, version_folder
from smoke.errors import CheckFailedError, NotFoundError

_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


@dataclass(frozen=True, kw_only=True)
class StackResource:
    """A resource of a stack.

    Attributes:
        logical_id: Its id in the template.
        type: Its type, such as AWS::Lambda::Function.
        physical_id: Its name or ARN.
    """

    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack that is a prediction service.

    Attributes:
        name: Its name.
        status: Its status, such as UPDATE_COMPLETE.
        outputs: Its outputs by name; the outputs of a prediction service are present.
        resources: Its resources.
        template: Its template.
        is_paused: Whether `make pause` has deleted its endpoint.
    """

    name: str
    status: str
    outputs: Mapping[str, str]
    resources: Sequence[StackResource]
    template: Mapping[str, Any]
    is_paused: bool = False

    @property
    def endpoint_name(self) -> str:
        """Name of the endpoint or function; "" while the endpoint is paused."""
        return self.outputs.get("EndpointName", "")

    def resource(self, type_: str, physical_id: str | None = None) -> StackResource | None:
        """Returns the resource of a type, and of a physical id if one is given; None if there is none."""
        for resource in self.resources:
            if resource.type == type_ and physical_id in (None, resource.physical_id):
                return resource
        return None

    def check_settled(self) -> str:
        """Checks that the last deployment is complete.

        Returns:
            What was found.

        Raises:
            CheckFailedError: It was rolled back or is in progress.
        """
        if self.status in _SETTLED:
            return f"{self.name} is {self.status}"
        if "ROLLBACK" in self.status:
            raise CheckFailedError(
                f"{self.name} is {self.status}: the last deployment was rolled back and the stack serves "
                "the OLD configuration; the stack's events in CloudFormation have the reason"
            )
        raise CheckFailedError(f"{self.name} is {self.status}: run this again after its deployment")


def find_stack(cloudformation: Any, name: str, *, models: Sequence[str]) -> DeployedStack:
    """Reads a stack with its outputs, resources and template.

    Args:
        cloudformation: A boto3 client.
        name: The stack's name.
        models: The names of the models it should serve.

    Raises:
        NotFoundError: The stack does not exist or lacks an output of a prediction service of these models.
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
    return DeployedStack(
        name=name,
        status=described["StackStatus"],
        outputs=outputs,
        resources=_resources(cloudformation, name),
        template=_template(cloudformation, name),
        is_paused={"ParameterKey": "Paused", "ParameterValue": "true"} in described.get("Parameters", ()),
    )


def serving_manifests(s3: Any, stack: DeployedStack, manifests: Sequence[Manifest]) -> Sequence[Manifest]:
    """Returns the manifests that a stack should serve; that of a released version is beside its bundle in S3.

    Args:
        s3: A boto3 client.
        stack: The stack.
        manifests: Manifests of the bundles in the checkout.

    Returns:
        The manifest of the version in the stack's outputs; those of the checkout for several models, and for
        a stack that keeps no manifests.

    Raises:
        ClientError: S3 refuses the request.
    """
    if len(manifests) > 1 or "ArtifactBucket" not in stack.outputs:
        return manifests
    [manifest] = manifests
    version = stack.outputs["ModelVersion"]
    if version == manifest.version:
        return manifests
    key = f"{version_folder(manifest.name, version)}/{MANIFEST}"
    try:
        found = s3.get_object(Bucket=stack.outputs["ArtifactBucket"], Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return manifests
    return [Manifest.decode(found["Body"].read())]


def _outputs(models: Sequence[str]) -> list[str]:
    of_models = [
        f"{name}{mark}" for mark in model_prefixes(models).values() for name in ("PredictUrl", "ModelVersion")
    ]
    return [*of_models, "HealthUrl"]


def _resources(cloudformation: Any, name: str) -> list[StackResource]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return [
        StackResource(
            logical_id=found["LogicalResourceId"],
            type=found["ResourceType"],
            physical_id=found.get("PhysicalResourceId", ""),
        )
        for page in pages
        for found in page["StackResourceSummaries"]
    ]


def _template(cloudformation: Any, name: str) -> Mapping[str, Any]:
    body = cloudformation.get_template(StackName=name)["TemplateBody"]
    # botocore parses a JSON template and returns any other as a string.
    template: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template
