"""Releases of a state machine: UpdateStack acts with the service role that the stack was deployed with.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

import json
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import run, task
from tests.local.iam.roles import allow, make_role, trust
from tests.local.polling import until

TEMPLATE = {
    "Parameters": {
        "ReleasedVersion": {"Type": "String", "Default": ""},
        "Kept": {"Type": "String"},
    },
    "Resources": {
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"DisplayName": {"Fn::Sub": "${ReleasedVersion}-${Kept}"}},
        }
    },
    "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}},
}


@pytest.fixture
def service_role(aws: LocalAws) -> str:
    """The role of CloudFormation, which may change topics."""
    return make_role(aws, trust("cloudformation"), allow("sns:*"))


def deployed(aws: LocalAws, name: str, **options: Any) -> str:
    """Deploys the stack; returns its ARN."""
    client = aws.client("cloudformation")
    parameters = [{"ParameterKey": "Kept", "ParameterValue": "kept"}]
    arn: str = client.create_stack(
        StackName=name, TemplateBody=json.dumps(TEMPLATE), Parameters=parameters, **options
    )["StackId"]
    assert settled(aws, name) == "CREATE_COMPLETE"
    return arn


def settled(aws: LocalAws, name: str) -> str:
    """Waits for the end of an operation on a stack; returns the stack's status."""
    client = aws.client("cloudformation")

    def status() -> str:
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    until(lambda: not status().endswith("PROGRESS"))
    return status()


def release(stack: str, **more: Any) -> dict[str, Any]:
    """A state machine that gives one parameter of a stack another value."""
    parameters = [
        {"ParameterKey": "ReleasedVersion", "ParameterValue": "ab12"},
        {"ParameterKey": "Kept", "UsePreviousValue": True},
    ]
    given = {"StackName": stack, "UsePreviousTemplate": True, "Parameters": parameters, **more}
    return task("aws-sdk:cloudformation:updateStack", given)


def display_name(aws: LocalAws, stack: str) -> str:
    [output] = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    attributes = aws.client("sns").get_topic_attributes(TopicArn=output["OutputValue"])["Attributes"]
    return str(attributes["DisplayName"])


def test_the_role_of_the_stack_makes_the_changes(aws: LocalAws, bucket: str, service_role: str) -> None:
    arn = deployed(aws, bucket, RoleARN=service_role)

    done = run(
        aws,
        bucket,
        release(bucket),
        allow("cloudformation:UpdateStack", resource=f"{arn.rpartition('/')[0]}/*"),
    )

    assert json.loads(done["output"]) == {"StackId": arn}
    assert settled(aws, bucket) == "UPDATE_COMPLETE"
    assert display_name(aws, bucket) == "ab12-kept"


def test_without_a_role_of_the_stack_that_of_the_caller_makes_them(aws: LocalAws, bucket: str) -> None:
    deployed(aws, bucket)

    run(aws, bucket, release(bucket), allow("cloudformation:UpdateStack"))

    assert settled(aws, bucket) == "UPDATE_ROLLBACK_COMPLETE"
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in aws.client("cloudformation").describe_stack_events(StackName=bucket)["StackEvents"]
    ]
    assert any("is not authorized to perform: sns:SetTopicAttributes" in reason for reason in reasons)


def test_another_role_must_be_passed(aws: LocalAws, bucket: str, service_role: str) -> None:
    deployed(aws, bucket, RoleARN=service_role)

    done = run(aws, bucket, release(bucket, RoleARN=service_role), allow("cloudformation:UpdateStack"))

    assert done["error"] == "CloudFormation.CloudFormationException"
    assert f"is not authorized to perform: iam:PassRole on resource: {service_role}" in done["cause"]


def test_an_update_without_changes_has_the_message_of_cloudformation(
    aws: LocalAws, bucket: str, service_role: str
) -> None:
    deployed(aws, bucket, RoleARN=service_role)
    machine = release(bucket)
    machine["States"]["Task"]["Parameters"]["Parameters"][0]["ParameterValue"] = ""

    done = run(aws, bucket, machine, allow("cloudformation:UpdateStack"))

    assert done["error"] == "CloudFormation.CloudFormationException"
    assert done["cause"].startswith("No updates are to be performed.")


def test_only_the_stack_of_the_role_is_updated(aws: LocalAws, bucket: str, service_role: str) -> None:
    deployed(aws, bucket, RoleARN=service_role)
    other = "arn:aws:cloudformation:us-east-1:000000000000:stack/other/*"

    done = run(aws, bucket, release(bucket), allow("cloudformation:UpdateStack", resource=other))

    assert "is not authorized to perform: cloudformation:UpdateStack on resource: arn:aws:" in done["cause"]
