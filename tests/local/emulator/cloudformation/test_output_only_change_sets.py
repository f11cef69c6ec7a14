"""Change sets of outputs alone are executable; change sets of an equal template are refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.polling import PATIENT_WAITER

NAME = "outputs-of-a-stack"
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": NAME}}


def template(**outputs: str) -> str:
    found = {name: {"Value": {"Fn::GetAtt": ["Topic", value]}} for name, value in outputs.items()}
    return json.dumps({"Resources": {"Topic": TOPIC}, "Outputs": found})


@pytest.fixture
def cloudformation(aws: LocalAws) -> Iterator[Any]:
    client = aws.client("cloudformation")
    client.create_stack(StackName=NAME, TemplateBody=template(Name="TopicName"))
    client.get_waiter("stack_create_complete").wait(StackName=NAME, WaiterConfig=PATIENT_WAITER)
    yield client
    client.delete_stack(StackName=NAME)
    client.get_waiter("stack_delete_complete").wait(StackName=NAME, WaiterConfig=PATIENT_WAITER)


def outputs(cloudformation: Any) -> dict[str, str]:
    [stack] = cloudformation.describe_stacks(StackName=NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_a_change_of_outputs_alone_is_executable_and_arrives(cloudformation: Any) -> None:
    body = template(Arn="TopicArn")
    created = cloudformation.create_change_set(StackName=NAME, ChangeSetName="new-output", TemplateBody=body)
    described = cloudformation.describe_change_set(ChangeSetName=created["Id"])

    assert (described["Status"], described["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert described["Changes"] == []

    cloudformation.execute_change_set(ChangeSetName=created["Id"])
    cloudformation.get_waiter("stack_update_complete").wait(StackName=NAME, WaiterConfig=PATIENT_WAITER)

    assert outputs(cloudformation) == {"Arn": f"arn:aws:sns:us-east-1:000000000000:{NAME}"}


def test_a_change_set_of_an_equal_template_fails_in_the_words_of_aws(cloudformation: Any) -> None:
    body = template(Name="TopicName")
    created = cloudformation.create_change_set(StackName=NAME, ChangeSetName="nothing", TemplateBody=body)
    described = cloudformation.describe_change_set(ChangeSetName=created["Id"])

    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"].startswith("The submitted information didn't contain changes.")
    assert outputs(cloudformation) == {"Name": NAME}
