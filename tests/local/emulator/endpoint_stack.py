"""A stack of a model, its configuration and an endpoint."""

import json
from contextlib import suppress
from typing import Any

from botocore.exceptions import WaiterError

from local.local_aws import LocalAws
from tests.local.iam.roles import MODEL_ROLE
from tests.local.polling import PATIENT_WAITER

Template = dict[str, Any]


def template(url: str, **more: Template) -> Template:
    """Returns a template of a model, its configuration and an endpoint named after the stack."""
    variant = {
        "VariantName": "primary",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
    }
    config_name = {"Fn::GetAtt": ["Config", "EndpointConfigName"]}
    return {
        "Resources": {
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "Properties": {
                    "ExecutionRoleArn": MODEL_ROLE,
                    "PrimaryContainer": {"Image": "image:tag", "ModelDataUrl": url},
                },
            },
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {"ProductionVariants": [variant], "Tags": [{"Key": "a", "Value": "b"}]},
            },
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {
                    "EndpointName": {"Ref": "AWS::StackName"},
                    "EndpointConfigName": config_name,
                    "RetainAllVariantProperties": True,
                },
            },
            **more,
        },
        "Outputs": {
            "EndpointRef": {"Value": {"Ref": "Endpoint"}},
            "EndpointName": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}},
            "ModelRef": {"Value": {"Ref": "Model"}},
            "ConfigRef": {"Value": {"Ref": "Config"}},
            "ConfigName": {"Value": config_name},
        },
    }


class Stack:
    """Stack of one test."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self.name = name
        self._client = aws.client("cloudformation")
        self._runtime = aws.client("sagemaker-runtime")

    def create(self, body: Template) -> None:
        self._client.create_stack(StackName=self.name, TemplateBody=json.dumps(body))
        self._wait("stack_create_complete")

    def update(self, body: Template) -> None:
        self._client.update_stack(StackName=self.name, TemplateBody=json.dumps(body))
        self._wait("stack_update_complete")

    def delete(self) -> None:
        self._client.delete_stack(StackName=self.name)
        self._wait("stack_delete_complete")

    def outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.described()["Outputs"]}

    def described(self) -> dict[str, Any]:
        described: dict[str, Any] = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        return described

    def reasons(self, status: str) -> list[str]:
        events = self._client.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == status]

    def invoke(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(
            self._runtime.invoke_endpoint(EndpointName=self.name, Body=b"{}")["Body"].read()
        )
        return answer

    def _wait(self, state: str) -> None:
        with suppress(WaiterError):
            self._client.get_waiter(state).wait(StackName=self.name, WaiterConfig=PATIENT_WAITER)


def resources_of(sagemaker: Any, name: str) -> list[str]:
    """Returns the ARNs of models, configurations and endpoints whose names contain the stack's name."""
    return [
        item[f"{kind[:-1]}Arn"]
        for kind, listing in {
            "Models": sagemaker.list_models,
            "EndpointConfigs": sagemaker.list_endpoint_configs,
            "Endpoints": sagemaker.list_endpoints,
        }.items()
        for item in listing(NameContains=name)[kind]
    ]
