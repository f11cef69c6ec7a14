"""Functions of stacks, and the operations that create and update functions, in a running emulator."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from local.local_aws import LocalAws
from tests.local.emulator.functions.function_zip import ROLE, create_function
from tests.local.polling import PATIENT_WAITER

SOURCE = "def handler(event, context): return 1"
TOO_LARGE = {"Variables": {"NAME": "x" * 4096}}


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


def template(**properties: Any) -> str:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.14",
            "Handler": "index.handler",
            "Role": ROLE,
            "Timeout": 60,
            "Code": {"ZipFile": SOURCE},
            **properties,
        },
    }
    outputs = {"Name": {"Value": {"Ref": "Function"}}}
    return json.dumps({"Resources": {"Function": function}, "Outputs": outputs})


def deploy(aws: LocalAws, stack: str, verb: str = "create", **properties: Any) -> str:
    """Creates or updates a stack of one function; returns the function's name."""
    cloudformation = aws.client("cloudformation")
    getattr(cloudformation, f"{verb}_stack")(StackName=stack, TemplateBody=template(**properties))
    cloudformation.get_waiter(f"stack_{verb}_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return str(described["Outputs"][0]["OutputValue"])


def failed_creation(aws: LocalAws, stack: str, **properties: Any) -> str:
    """The reason why a stack of one function is not created."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template(**properties))
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    [reason] = [
        event["ResourceStatusReason"]
        for event in events
        if event["ResourceStatus"] == "CREATE_FAILED" and event["LogicalResourceId"] == "Function"
    ]
    return str(reason)


def reserved(aws: LocalAws, name: str) -> Any:
    found = aws.client("lambda").get_function_concurrency(FunctionName=name)
    return found.get("ReservedConcurrentExecutions")


def test_inline_code_can_be_read(aws: LocalAws, stack: str) -> None:
    name = deploy(aws, stack)

    assert aws.client("lambda").invoke(FunctionName=name)["Payload"].read() == b"1"


def test_the_reserved_concurrency_of_a_template_is_created_changed_and_removed(
    aws: LocalAws, stack: str
) -> None:
    name = deploy(aws, stack, ReservedConcurrentExecutions=5)
    assert reserved(aws, name) == 5

    deploy(aws, stack, "update", ReservedConcurrentExecutions=7)
    assert reserved(aws, name) == 7

    deploy(aws, stack, "update", Description="without")
    assert reserved(aws, name) is None


def test_a_stack_fails_with_lambdas_words(aws: LocalAws, stack: str) -> None:
    assert "exceeded the 4KB limit. String measured: " in failed_creation(aws, stack, Environment=TOO_LARGE)


def test_a_function_whose_reservation_is_refused_is_deleted(aws: LocalAws, stack: str) -> None:
    reason = failed_creation(aws, stack, FunctionName=stack, ReservedConcurrentExecutions=901)

    assert "UnreservedConcurrentExecution below its minimum value of [100]." in reason
    names = [found["FunctionName"] for found in aws.client("lambda").list_functions()["Functions"]]
    assert stack not in names


def test_create_function_refuses_what_a_stack_refuses(aws: LocalAws, bucket: str) -> None:
    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        create_function(aws, bucket, SOURCE, Environment=TOO_LARGE)


def test_update_function_configuration_refuses_what_a_stack_refuses(aws: LocalAws, bucket: str) -> None:
    create_function(aws, bucket, SOURCE)
    client = aws.client("lambda")

    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        client.update_function_configuration(FunctionName=bucket, Environment=TOO_LARGE)

    assert "Environment" not in client.get_function_configuration(FunctionName=bucket)


def test_ministack_has_the_internal_hooks_of_control() -> None:
    """The hooks are internal; this test fails if a new version of MiniStack moves them."""
    for hook in ("_create_function", "_update_config", "_put_function_concurrency", "_functions"):
        assert hasattr(lambda_svc, hook)
    assert callable(provisioners._zip_inline)
