"""SageMaker rolls an update back, and CloudFormation does not notice: the stack's check keeps what serves."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.emulator.endpoint_stack import Stack, resources_of, template
from tests.local.iam.roles import allow, make_role, trust

PUBLISHER = Path(__file__).parents[4] / "lambda_src" / "publisher"
# In the place of SageMaker: returns an updated endpoint to the configuration before.
ROLLBACK = """
import boto3

from .cloudformation_response import send_response

def handler(event, context):
    properties, sagemaker = event["ResourceProperties"], boto3.client("sagemaker")
    name, before = properties["EndpointName"], properties["Before"]
    if event["RequestType"] == "Update" and before not in ("", properties["EndpointConfigName"]):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=before)
        waiter = sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 2400})
    send_response(event, physical_id="rollback")
"""


@pytest.fixture
def functions(aws: LocalAws, bucket: str) -> dict[str, str]:
    """The ARNs of the function of the rollback, and of the stack's own function with its check."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        sources = {path.name: path.read_text() for path in PUBLISHER.glob("*.py")} | {"back.py": ROLLBACK}
        for name, source in sources.items():
            entry = zipfile.ZipInfo(f"publisher/{name}")
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, source)
    role = make_role(aws, trust("lambda"), allow("sagemaker:UpdateEndpoint", "sagemaker:DescribeEndpoint"))
    client = aws.client("lambda")
    made = {}
    for module in ("back", "handler"):
        made[module] = client.create_function(
            FunctionName=f"{bucket}-{module}",
            Runtime="python3.13",
            Handler=f"publisher.{module}.handler",
            Role=role,
            Timeout=120,
            Code={"ZipFile": packed.getvalue()},
        )["FunctionArn"]
    return made


def checked(url: str, functions: dict[str, str], *, before: str) -> dict[str, Any]:
    """The template of an endpoint, of its silent rollback to a configuration, and of the check after it."""
    names = {
        "EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]},
        "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
    }
    rollback = {"ServiceToken": functions["back"], "Before": before, **names}
    check = {"ServiceToken": functions["handler"], **names}
    return template(
        url,
        Rollback={"Type": "Custom::Rollback", "Properties": rollback},
        Check={"Type": "Custom::ServedConfiguration", "Properties": check, "DependsOn": ["Rollback"]},
    )


@pytest.mark.slow
def test_what_serves_is_kept_when_cloudformation_does_not_notice_the_rollback(
    stack: Stack, functions: dict[str, str], upload: Callable[..., str], sagemaker: Any
) -> None:
    one, two = upload("one", version="one"), upload("two", version="two")
    stack.create(checked(one, functions, before=""))
    before = stack.outputs()

    stack.update(checked(two, functions, before=before["ConfigName"]))

    assert stack.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert f"so {before['ConfigName']} serves and the stack is rolled back too" in json.dumps(
        stack.reasons("UPDATE_FAILED")
    )
    described = sagemaker.describe_endpoint(EndpointName=stack.name)
    assert described["EndpointConfigName"] == before["ConfigName"]
    assert sorted(resources_of(sagemaker, stack.name)) == sorted(
        [before["EndpointRef"], before["ModelRef"], before["ConfigRef"]]
    )

    # And the next update succeeds, and leaves nothing of the one before
    stack.update(checked(two, functions, before=""))
    after = stack.outputs()
    assert stack.invoke()["version"] == "two"
    assert sorted(resources_of(sagemaker, stack.name)) == sorted(
        [after["EndpointRef"], after["ModelRef"], after["ConfigRef"]]
    )
