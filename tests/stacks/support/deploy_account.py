"""`make deploy` against a stub of AWS's API: its outcome, and what the account has."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.stacks.support.aws_server import AwsServer

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Done(NamedTuple):
    """Exit code and output of the command."""

    code: int
    out: str
    err: str


Deploy = Callable[..., Done]


def push(aws: AwsServer, media_type: str) -> None:
    aws.respond("BatchGetImage", {"images": [{"imageManifestMediaType": media_type}], "failures": []})


def quota(instance_type: str, value: float, *, usage: str = "endpoint usage") -> dict[str, Any]:
    return {"QuotaName": f"{instance_type} for {usage}", "QuotaCode": "L-1", "Value": value}


def deployed(
    hosting: str,
    *,
    stage: str = "dev",
    instance_type: str = "ml.m5.large",
    is_scaled: bool = False,
    sets_logging_role: bool = False,
) -> str:
    """The template of a stack."""
    variant: dict[str, Any] = (
        {"InstanceType": instance_type} if hosting == "realtime" else {"ServerlessConfig": {}}
    )
    resources = {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}}
    }
    if is_scaled:
        resources["Target"] = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {}}
    if sets_logging_role:
        resources["Account"] = {"Type": "AWS::ApiGateway::Account", "Properties": {}}
    if hosting == "lambda":
        resources = {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {}},
            "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {}},
        }
    ours = {"Prediction": {"Hosting": hosting, "Stage": stage}}
    return json.dumps({"Metadata": ours, "Resources": resources})


def running(aws: AwsServer, instances: int) -> None:
    aws.serve({"ProductionVariants": [{"CurrentInstanceCount": instances}]})


def steps(done: Done) -> list[list[str]]:
    """The words of each call of the CDK CLI."""
    return [line.split() for line in done.out.splitlines() if line.startswith("cdk ")]
