"""Updates of a stack: only changed resources are touched and reported, and a rollback restores them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.polling import PATIENT_WAITER

KINDS = ("same", "changed", "dependent", "optional")


def parameter(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    """A parameter of SSM, whose version counts how often it was written."""
    properties = {"Name": {"Fn::Sub": f"${{AWS::StackName}}-{kind}"}, "Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties, **more}


TEMPLATE: dict[str, Any] = {
    "Parameters": {name: {"Type": "String"} for name in ("Value", "Topic", "Mode")},
    "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "Mode"}, "on"]}},
    "Resources": {
        "Same": parameter("same", "same"),
        "Changed": parameter("changed", {"Ref": "Value"}),
        # A change of its name replaces a topic.
        "Replaced": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Topic"}}},
        "Dependent": parameter("dependent", {"Ref": "Replaced"}),
        "Optional": parameter("optional", "any", Condition="IsOn"),
    },
}
REFUSED = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {}, "DependsOn": ["Changed", "Dependent"]}


class Stack:
    """A stack with a parameter of SSM for each kind of change."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self._aws, self._cloudformation, self._name = aws, aws.client("cloudformation"), name
        self._values = {"Value": "one", "Topic": f"{name}-one", "Mode": "on"}
        self._cloudformation.create_stack(StackName=name, **self._body(TEMPLATE))
        self._wait("stack_create_complete")
        self._reported = len(self._events())

    def update(self, template: dict[str, Any] = TEMPLATE, **values: str) -> set[str]:
        """Updates the stack; returns the resources that its events name."""
        self._values |= values
        self._cloudformation.update_stack(StackName=self._name, **self._body(template))
        self._wait("stack_update_complete" if template is TEMPLATE else "stack_rollback_complete")
        return {event["LogicalResourceId"] for event in self._events()[: -self._reported]} - {self._name}

    def written(self) -> dict[str, tuple[int, str]]:
        """Version and value of each parameter of SSM that exists."""
        ssm, found = self._aws.client("ssm"), {}
        for kind in KINDS:
            try:
                read = ssm.get_parameter(Name=f"{self._name}-{kind}")["Parameter"]
            except ClientError:
                continue
            found[kind] = (read["Version"], read["Value"].rpartition(":")[2].removeprefix(f"{self._name}-"))
        return found

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName=self._name)
        self._wait("stack_delete_complete")

    def _body(self, template: dict[str, Any]) -> dict[str, Any]:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in self._values.items()]
        return {"TemplateBody": json.dumps(template), "Parameters": given}

    def _events(self) -> list[dict[str, Any]]:
        """The events of the stack, newest first."""
        found: list[dict[str, Any]] = self._cloudformation.describe_stack_events(StackName=self._name)[
            "StackEvents"
        ]
        return found

    def _wait(self, state: str) -> None:
        self._cloudformation.get_waiter(state).wait(StackName=self._name, WaiterConfig=PATIENT_WAITER)


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[Stack]:
    stack = Stack(aws, bucket)
    yield stack
    stack.delete()


def test_only_the_changed_resource_is_written_and_reported(stack: Stack) -> None:
    before = stack.written()

    reported = stack.update(Value="two")

    assert reported == {"Changed"}
    assert stack.written() == before | {"changed": (2, "two")}


def test_a_resource_that_refers_to_a_replaced_one_is_changed(stack: Stack, bucket: str) -> None:
    before = stack.written()

    reported = stack.update(Topic=f"{bucket}-two")

    assert reported == {"Replaced", "Dependent"}
    assert stack.written() == before | {"dependent": (2, "two")}


def test_a_resource_exists_as_long_as_its_condition_holds(stack: Stack) -> None:
    before = stack.written()

    stack.update(Mode="off")
    without = stack.written()
    stack.update(Mode="on")

    assert without == {kind: found for kind, found in before.items() if kind != "optional"}
    assert stack.written() == before


def test_a_rollback_writes_only_what_the_update_has_changed(stack: Stack) -> None:
    before = stack.written()
    refused = {**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "Refused": REFUSED}}

    reported = stack.update(refused, Value="two")

    assert reported == {"Changed", "Refused"}
    assert stack.written() == before | {"changed": (3, "one")}
