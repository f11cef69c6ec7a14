"""Image functions of a stack, which run from source."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services.cloudformation import provisioners

from local.emulator.image_functions import ImageFunctionError, with_source_code
from local.local_aws import ROOT, LocalAws
from tests.local.iam.roles import FUNCTION_ROLE
from tests.local.polling import PATIENT_WAITER

HANDLER = "tests.local.emulator.echo_function.handler"
LIMITED = {
    "EntryPoint": ["python", "-m", "awslambdaric"],
    "Command": ["tests.local.emulator.limited_function.handler"],
}
# Lambda's default of 3 seconds ends a call on a busy machine.
TIMEOUT = 120


def properties(*, image: str = "repository:one", **more: Any) -> dict[str, Any]:
    return {
        "PackageType": "Image",
        "Code": {"ImageUri": image},
        "ImageConfig": {"EntryPoint": ["python", "-m", "awslambdaric"], "Command": [HANDLER]},
        "Role": FUNCTION_ROLE,
        "Timeout": TIMEOUT,
        **more,
    }


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


def deploy(aws: LocalAws, stack: str, verb: str, word: str, **more: Any) -> str:
    """Creates or updates a stack of one function; returns the function's name."""
    variables = {"Variables": {"WORD": word}}
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": properties(image=f"repository:{word}", Environment=variables, **more),
    }
    outputs = {"Name": {"Value": {"Ref": "Function"}}}
    body = json.dumps({"Resources": {"Function": function}, "Outputs": outputs})
    cloudformation = aws.client("cloudformation")
    getattr(cloudformation, f"{verb}_stack")(StackName=stack, TemplateBody=body)
    cloudformation.get_waiter(f"stack_{verb}_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return str(described["Outputs"][0]["OutputValue"])


def invoke(aws: LocalAws, name: str, event: Any = "ping") -> Any:
    payload = json.dumps(event).encode()
    return json.loads(aws.client("lambda").invoke(FunctionName=name, Payload=payload)["Payload"].read())


def test_the_handler_of_an_image_function_has_the_environment_of_the_template(
    aws: LocalAws, stack: str
) -> None:
    name = deploy(aws, stack, "create", "one")

    event = {"body": "e30=", "content_type": "text/csv; header=absent", "accept": "*/*", "query": "a=%20&b"}
    assert invoke(aws, name, event) == [event, "one"]
    assert "its image is not built; its handler runs from the source tree." in aws.log.read_text()


def test_an_updated_function_restarts(aws: LocalAws, stack: str) -> None:
    name = deploy(aws, stack, "create", "one")
    assert invoke(aws, name) == ["ping", "one"]

    assert deploy(aws, stack, "update", "two") == name

    assert invoke(aws, name) == ["ping", "two"]


@pytest.mark.parametrize(
    ("event", "error_type"),
    [({"megabytes": 200}, "Runtime.OutOfMemory"), ({"write": str(ROOT / "new.txt")}, "OSError")],
)
def test_an_image_function_has_the_memory_and_the_files_of_lambda(
    aws: LocalAws, stack: str, event: dict[str, Any], error_type: str
) -> None:
    name = deploy(aws, stack, "create", "one", ImageConfig=LIMITED, MemorySize=128)
    assert invoke(aws, name, {"megabytes": 1}) == str(1024 * 1024)

    assert invoke(aws, name, event)["errorType"] == error_type
    assert not (ROOT / "new.txt").exists()


def test_an_image_function_has_the_timeout_of_lambda(aws: LocalAws, stack: str) -> None:
    name = deploy(aws, stack, "create", "one", ImageConfig=LIMITED, Timeout=1)

    assert invoke(aws, name, {"wait": True})["errorType"] == "Sandbox.Timedout"


def test_the_reserved_concurrency_of_an_image_function_is_set(aws: LocalAws, stack: str) -> None:
    name = deploy(aws, stack, "create", "one", ReservedConcurrentExecutions=3)

    found = aws.client("lambda").get_function_concurrency(FunctionName=name)
    assert found["ReservedConcurrentExecutions"] == 3


def test_zip_functions_are_not_changed() -> None:
    function = {"Code": {"S3Bucket": "bucket", "S3Key": "key"}, "Handler": "a.b", "Runtime": "python3.14"}

    assert with_source_code(function) == function


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"EntryPoint": ["python", "-m", "awslambdaric"]},
        {"EntryPoint": ["/bin/other"], "Command": [HANDLER]},
    ],
)
def test_an_image_function_without_awslambdaric_is_refused(image: dict[str, Any]) -> None:
    with pytest.raises(ImageFunctionError, match="EntryPoint that ends in awslambdaric"):
        with_source_code(properties() | {"ImageConfig": image})


def test_ministack_has_the_internal_registry_of_resource_handlers() -> None:
    """The registry is internal; this test fails if a new version of MiniStack moves it."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]

    assert handlers["update_with_logical_id"]
    assert {"create", "update", "delete"} <= handlers.keys()
