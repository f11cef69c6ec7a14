"""Resource types of Application Auto Scaling, in a stack."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.emulator.scaling.scaled_variant import policy_properties, target_properties
from tests.local.polling import PATIENT_WAITER, until


def template(endpoint: str, *, least: int, policy: bool = True) -> str:
    place = {"ResourceId": f"endpoint/{endpoint}/variant/primary"}
    resources = {
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": target_properties(least, 3, **place),
        }
    }
    if policy:
        resources["Policy"] = {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {**policy_properties(2), "ScalingTargetId": {"Ref": "Target"}},
        }
    return json.dumps({"Resources": resources, "Outputs": {"Target": {"Value": {"Ref": "Target"}}}})


class Stack:
    """The stack of a test."""

    def __init__(self, aws: LocalAws, endpoint: str) -> None:
        self._client, self._name = aws.client("cloudformation"), endpoint
        self._cloudwatch, self._sagemaker = aws.client("cloudwatch"), aws.client("sagemaker")

    def deploy(self, body: str, *, change: str) -> dict[str, Any]:
        """Creates or updates the stack."""
        getattr(self._client, f"{change}_stack")(StackName=self._name, TemplateBody=body)
        self._client.get_waiter(f"stack_{change}_complete").wait(
            StackName=self._name, WaiterConfig=PATIENT_WAITER
        )
        described: dict[str, Any] = self._client.describe_stacks(StackName=self._name)["Stacks"][0]
        return described

    def change_instance_type(self) -> None:
        """Updates the endpoint to instances of another type."""
        described = self._sagemaker.describe_endpoint(EndpointName=self._name)
        config = self._sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
        [variant] = config["ProductionVariants"]
        self._sagemaker.create_endpoint_config(
            EndpointConfigName=f"{self._name}-larger",
            ProductionVariants=[{**variant, "InstanceType": "ml.m5.4xlarge"}],
        )
        self._sagemaker.update_endpoint(EndpointName=self._name, EndpointConfigName=f"{self._name}-larger")

    def delete(self) -> None:
        """Deletes the stack."""
        self._client.delete_stack(StackName=self._name)
        self._client.get_waiter("stack_delete_complete").wait(
            StackName=self._name, WaiterConfig=PATIENT_WAITER
        )

    def alarms(self) -> list[str]:
        """Returns the names of the alarms of the endpoint's scaling, without their ids."""
        prefix = f"TargetTracking-endpoint/{self._name}/variant/primary-"
        found = self._cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        return sorted(alarm["AlarmName"].removeprefix(prefix).partition("-")[0] for alarm in found)

    def instances(self) -> int:
        """Returns the number of instances in service; 0 while it changes."""
        described = self._sagemaker.describe_endpoint(EndpointName=self._name)
        is_settled = described["EndpointStatus"] == "InService"
        return described["ProductionVariants"][0]["CurrentInstanceCount"] if is_settled else 0


@pytest.fixture
def stack(aws: LocalAws, endpoint: str) -> Iterator[Stack]:
    stack = Stack(aws, endpoint)
    yield stack
    stack.delete()


def test_a_stack_registers_changes_and_deregisters_scaling(stack: Stack, endpoint: str) -> None:
    created = stack.deploy(template(endpoint, least=1), change="create")
    [output] = created["Outputs"]
    assert output["OutputValue"] == (
        f"endpoint/{endpoint}/variant/primary|sagemaker:variant:DesiredInstanceCount|sagemaker"
    )
    assert (stack.alarms(), stack.instances()) == (["AlarmHigh", "AlarmLow"], 1)

    stack.deploy(template(endpoint, least=2), change="update")
    until(lambda: stack.instances() == 2)
    assert stack.alarms() == ["AlarmHigh", "AlarmLow"]
    with pytest.raises(ClientError, match="must be deregistered as scalable targets"):
        stack.change_instance_type()

    stack.deploy(template(endpoint, least=2, policy=False), change="update")
    assert (stack.alarms(), stack.instances()) == ([], 2)


def test_scaling_of_an_endpoint_that_does_not_exist_fails_the_stack(aws: LocalAws, bucket: str) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=bucket, TemplateBody=template("absent", least=1), OnFailure="DO_NOTHING"
    )

    def reasons() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=bucket)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events]

    until(lambda: any("There is no endpoint/absent/variant/primary" in reason for reason in reasons()))
    cloudformation.delete_stack(StackName=bucket)
