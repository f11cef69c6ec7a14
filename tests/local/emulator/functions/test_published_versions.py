"""Published versions with SnapStart, in a running emulator."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import WaiterError

from local.emulator.functions.published_versions import SnapshotError, await_active
from local.local_aws import LocalAws
from tests.local.emulator.functions.function_zip import ROLE
from tests.local.polling import PATIENT_WAITER

PRINTS_ENVIRONMENT = "import os\ndef handler(event, context): return dict(os.environ)"


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


def template(stack: str, source: str) -> dict[str, Any]:
    """A function with a published version, whose description is a parameter, and an alias."""
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": ROLE,
        "Timeout": 60,
        "Code": {"ZipFile": source},
        "FunctionName": stack,
        "Environment": {"Variables": {"RELEASED": {"Ref": "Released"}}},
        "SnapStart": {"ApplyOn": "PublishedVersions"},
    }
    of_function = {"FunctionName": {"Ref": "Function"}}
    version = of_function | {"Description": {"Ref": "Released"}}
    alias = of_function | {"Name": "live", "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}}
    resources = {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Version": {"Type": "AWS::Lambda::Version", "Properties": version},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": alias},
    }
    return {"Parameters": {"Released": {"Type": "String", "Default": "first"}}, "Resources": resources}


def create(aws: LocalAws, stack: str, source: str) -> None:
    """Creates a stack and waits for its end."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template(stack, source)))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)


def credentials(variables: dict[str, str], *, token: str) -> tuple[int, dict[str, Any]]:
    url = urlsplit(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
    with closing(HTTPConnection(url.netloc)) as connection:
        connection.request("GET", url.path, headers={"authorization": token})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def test_a_version_is_ready_when_its_resource_is_created(aws: LocalAws, stack: str) -> None:
    create(aws, stack, PRINTS_ENVIRONMENT)

    version = aws.client("lambda").get_function_configuration(FunctionName=stack, Qualifier="live")
    assert (version["Version"], version["State"]) == ("1", "Active")
    assert version["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}


def release(aws: LocalAws, stack: str, description: str, *, end: str) -> None:
    """Updates the parameter alone, and waits for the end of the update."""
    cloudformation = aws.client("cloudformation")
    parameters = [{"ParameterKey": "Released", "ParameterValue": description}]
    cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True, Parameters=parameters)
    cloudformation.get_waiter(end).wait(StackName=stack, WaiterConfig=PATIENT_WAITER)


def test_another_description_is_another_version_which_is_ready_when_the_alias_refers_to_it(
    aws: LocalAws, stack: str
) -> None:
    create(aws, stack, PRINTS_ENVIRONMENT)

    release(aws, stack, "second", end="stack_update_complete")

    functions = aws.client("lambda")
    version = functions.get_function_configuration(FunctionName=stack, Qualifier="live")
    assert (version["Version"], version["Description"], version["State"]) == ("2", "second", "Active")
    # CloudFormation deletes what it has replaced.
    published = functions.list_versions_by_function(FunctionName=stack)["Versions"]
    assert [found["Version"] for found in published] == ["$LATEST", "2"]


def test_a_version_that_cannot_start_is_rolled_back_to_the_one_before(aws: LocalAws, stack: str) -> None:
    fails = "import os\nassert os.environ['RELEASED'] == 'first', 'broken'\ndef handler(*_): pass"
    create(aws, stack, fails)

    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        release(aws, stack, "second", end="stack_update_complete")

    version = aws.client("lambda").get_function_configuration(FunctionName=stack, Qualifier="live")
    assert (version["Version"], version["Description"]) == ("1", "first")


def test_a_function_that_cannot_start_fails_the_stack_with_the_reason(aws: LocalAws, stack: str) -> None:
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        create(aws, stack, "raise ValueError('the bundle cannot be read')")

    events = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    [failed] = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert failed["LogicalResourceId"] == "Version"
    assert "in Failed state: the bundle cannot be read" in failed["ResourceStatusReason"]


def test_credentials_come_from_an_endpoint_that_asks_for_the_functions_token(
    aws: LocalAws, stack: str
) -> None:
    create(aws, stack, PRINTS_ENVIRONMENT)
    response = aws.client("lambda").invoke(FunctionName=f"{stack}:live")

    variables = json.loads(response["Payload"].read())
    assert variables["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} & variables.keys()
    status, found = credentials(variables, token=variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    assert status == 200
    assert found.keys() == {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    assert credentials(variables, token="another") == (403, {})


def test_the_wait_ends_with_the_state_of_the_version() -> None:
    states = iter([{"State": "Pending"}, {"State": "Pending"}, {"State": "Active"}])
    pauses: list[float] = []

    await_active(lambda: next(states), "arn", pause=pauses.append)

    assert len(pauses) == 2
    with pytest.raises(SnapshotError, match="Resource arn is in Failed state: no memory"):
        await_active(lambda: {"State": "Failed", "StateReason": "no memory"}, "arn")
