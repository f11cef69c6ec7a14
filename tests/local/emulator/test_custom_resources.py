"""Custom resources whose function crashes."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from local.local_aws import LocalAws
from tests.local.polling import PATIENT_WAITER

ANSWERING = """
import json, urllib.request
def handler(event, context):
    answer = {"Status": "SUCCESS", "PhysicalResourceId": "made", "Data": {"Word": "one"}}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request)
"""
CRASHING_AFTER_ITS_ANSWER = ANSWERING + "    raise ValueError('too late')\n"
CRASHING = (
    "def handler(event, context):\n    print('a line of the log')\n    raise ValueError('no such bundle')"
)
NOT_IMPORTABLE = "import a_module_that_is_missing"
ENDING = "import os\ndef handler(event, context):\n    os._exit(3)"


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


def template(bucket: str) -> str:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": bucket, "S3Key": "code.zip"},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Timeout": 60,
        },
    }
    properties = {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 300}
    resource = {"Type": "Custom::Thing", "Properties": properties}
    return json.dumps({"Resources": {"Function": function, "Thing": resource}})


def create(aws: LocalAws, stack: str, code: str) -> Any:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("index.py")
        # Lambda reads code as another user than the owner of its files.
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, code)
    aws.client("s3").put_object(Bucket=stack, Key="code.zip", Body=packed.getvalue())
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template(stack))
    return cloudformation


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (CRASHING, "no such bundle"),
        (CRASHING, "a line of the log"),
        (NOT_IMPORTABLE, "a_module_that_is_missing"),
        (ENDING, "crashed"),
    ],
)
def test_a_crash_fails_the_resource_at_once_with_the_end_of_the_log(
    aws: LocalAws, stack: str, code: str, reason: str
) -> None:
    cloudformation = create(aws, stack, code)

    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)

    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    [failed] = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert failed["LogicalResourceId"] == "Thing"
    assert reason in failed["ResourceStatusReason"]


@pytest.mark.parametrize("code", [ANSWERING, CRASHING_AFTER_ITS_ANSWER])
def test_the_functions_own_answer_counts(aws: LocalAws, stack: str, code: str) -> None:
    cloudformation = create(aws, stack, code)

    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)

    resource = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="Thing")
    assert resource["StackResourceDetail"]["PhysicalResourceId"] == "made"
