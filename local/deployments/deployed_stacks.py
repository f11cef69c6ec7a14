"""Deployed stacks: finds the one of a model, or the last one."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.deployments.deployment import Deployment, predict_urls
from local.errors import NothingDeployedError
from local.local_aws import LocalAws


def find(aws: LocalAws, *, model: str | None = None) -> Deployment:
    """Finds the deployment of a model, or the last deployment.

    Args:
        aws: The AWS to search.
        model: The model's name, or the names of a stack's models with commas between them. None is the last
            deployment.

    Raises:
        NothingDeployedError: There is no such deployment, or the last one is not known.
    """
    wanted = model if model is not None else _last(aws)
    stacks = dict(_stacks(aws)) if wanted is not None else {}
    by_models = {_normal(outputs.get("Models", stack)): stack for stack, outputs in stacks.items()}
    if named := (by_models | {_normal(stack): stack for stack in stacks}).get(_normal(wanted or "")):
        outputs = stacks[named]
        return Deployment(aws=aws, stack=named, outputs=outputs, model=next(iter(predict_urls(outputs))))
    for stack, outputs in stacks.items():
        if wanted in predict_urls(outputs):
            return Deployment(aws=aws, stack=stack, outputs=outputs, model=wanted or "")
    what, command = (
        ("Nothing", "make run") if model is None else (f"No model {model}", f"make run MODEL={model}")
    )
    raise NothingDeployedError(f"{what} is deployed on this machine: run `{command}` first.")


def _normal(name: str) -> str:
    """Returns a name as it is compared: a stack has the names of its models in camel case."""
    return re.sub("[-_,]", "", name).lower()


def stack_names(aws: LocalAws) -> list[str]:
    """Lists the stacks that are prediction services."""
    return [name for name, _ in _stacks(aws)]


def released_instead(aws: LocalAws, stack: str) -> str | None:
    """Returns the released version of a stack, if it is another one than its template's; else None."""
    cloudformation = aws.client("cloudformation")
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    parameters = {found["ParameterKey"]: found["ParameterValue"] for found in described.get("Parameters", ())}
    released: str = parameters.get("ReleasedVersion", "")
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]
    if not released or template["Mappings"]["Template"]["Bundle"]["Version"] == released:
        return None
    return released


def _last(aws: LocalAws) -> str | None:
    if not aws.outputs.exists():
        return None
    try:
        stacks: Mapping[str, Any] = json.loads(aws.outputs.read_text(encoding="utf-8"))
    except ValueError:
        # The CDK CLI writes it in place, and may have been killed, or met a full disk.
        raise NothingDeployedError(
            f"{aws.outputs} is incomplete, so that the last deployment is not known: name its model with "
            "MODEL=<name>, or deploy again with `make run`."
        ) from None
    return next(iter(stacks), None)


def _stacks(aws: LocalAws) -> Iterator[tuple[str, dict[str, str]]]:
    for page in aws.client("cloudformation").get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
            if predict_urls(outputs):
                yield stack["StackName"], outputs
