"""Published versions with SnapStart, in a running emulator."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import WaiterError

from local.emulator.functions.snapshots import SnapshotError, await_active
from local.local_aws import LocalAws
from tests.local.emulator.functions.function_zip import ROLE

WAIT = {"Delay": 0.1, "MaxAttempts": 200}
PRINTS_ENVIRONMENT = "import os\ndef handler(event, context): return dict(os.environ)"


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


def create(aws: LocalAws, stack: str, source: str) -> None:
    """Creates a stack of a function with a published version and an alias; waits for its end."""
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": ROLE,
        "Code": {"ZipFile": source},
        "FunctionName": stack,
        "SnapStart": {"ApplyOn": "PublishedVersions"},
    }
    of_function = {"FunctionName": {"Ref": "Function"}}
    alias = of_function | {"Name": "live", "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]}}
    resources = {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Version": {"Type": "AWS::Lambda::Version", "Properties": of_function},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": alias},
    }
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=WAIT)


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
