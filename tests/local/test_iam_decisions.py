"""`python -m local decisions`, and the record behind it."""

import json
import subprocess
import sys
from argparse import Namespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import commands
from local.iam_decisions import Decisions, decision_line, fetch_decisions, grant_line
from local.local_aws import ROOT, LocalAws
from tests.inherited_environ import inherited_environ
from tests.local.iam.roles import allow, make_role, make_user, trust
from tests.local.polling import PATIENT_WAITER

GRANT = {
    "stack": "Tiny",
    "role": "Role",
    "policy": "Policy",
    "number": 1,
    "action": "s3:Get*",
    "resources": ["*"],
    "used": ["s3:GetObject"],
    "is_wildcard": True,
}


def command(aws: LocalAws, *options: str) -> str:
    environment = inherited_environ() | {"LOCAL_PORT": str(aws.port), "LOCAL_STATE": str(aws.state)}
    done = subprocess.run(
        [sys.executable, "-m", "local", "decisions", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_refused_call_is_recorded_with_its_caller_and_the_words_of_aws(aws: LocalAws, bucket: str) -> None:
    user = make_user(aws)
    arn = user.client("sts").get_caller_identity()["Arn"]
    for _ in range(2):
        with pytest.raises(ClientError):
            user.client("s3").list_objects_v2(Bucket=bucket)

    [refused] = [row for row in json.loads(command(aws, "--refused", "--json")) if row["caller"] == arn]

    resource = f"arn:aws:s3:::{bucket}"
    assert (refused["action"], refused["resource"], refused["count"]) == ("s3:ListBucket", resource, 2)
    assert refused["reason"].startswith(f"User: {arn} is not authorized to perform: s3:ListBucket")
    assert arn in command(aws, "--refused")


def test_without_a_decision_of_the_kind_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], aws: LocalAws
) -> None:
    monkeypatch.setattr(commands, "fetch_decisions", lambda _: Decisions(decisions=[], grants=[]))

    commands.decisions(aws, Namespace(unused=False, missing=False, refused=True, json=False))

    assert capsys.readouterr().out == "There is none.\n"


def test_an_allowed_call_names_the_statement_of_the_role(aws: LocalAws, stack: str) -> None:
    client = aws.client("cloudformation")
    role = make_role(aws, trust("cloudformation"), allow("sqs:*"), allow("logs:*"))
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": stack}}
    client.create_stack(
        StackName=stack, RoleARN=role, TemplateBody=json.dumps({"Resources": {"Group": group}})
    )
    waiter = client.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack, WaiterConfig=PATIENT_WAITER)

    name = role.rpartition("/")[2]
    [row] = [
        row
        for row in fetch_decisions(aws).decisions
        if row["action"] == "logs:CreateLogGroup" and name in row["caller"]
    ]
    assert (row["is_allowed"], row["statement"]) == (True, f"{name} / granted / 2")


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Any:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


def test_the_grants_of_a_stack_are_unused_until_a_call_uses_them(aws: LocalAws, stack: str) -> None:
    # Given a stack with a role whose policy grants two actions, one of them by a wildcard
    statements = [allow("s3:GetObject"), allow("logs:Put*")]
    policy = {"PolicyName": "inline", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": stack,
            "AssumeRolePolicyDocument": trust("lambda"),
            "Policies": [policy],
        },
    }
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Timeout": 60,
            "Code": {"ZipFile": _FUNCTION},
        },
    }
    resources = {"Role": role, "Function": function}
    outputs = {"Name": {"Value": {"Ref": "Function"}}}
    client = aws.client("cloudformation")
    client.create_stack(
        StackName=stack,
        TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = client.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    assert actions(fetch_decisions(aws).unused, stack) == ["s3:GetObject", "logs:Put*"]

    # When the function of this role reads an object and puts a retention policy
    [described] = client.describe_stacks(StackName=stack)["Stacks"]
    name = described["Outputs"][0]["OutputValue"]
    aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"bucket": stack}).encode())

    # Then both are used, and the exact action of the wildcard is missing, also after the stack is deleted
    client.delete_stack(StackName=stack)
    client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    found = fetch_decisions(aws)
    assert actions(found.unused, stack) == []
    [missing] = [row for row in found.missing if row["stack"] == stack]
    assert (missing["action"], missing["used"]) == ("logs:Put*", ["logs:PutRetentionPolicy"])


_FUNCTION = """
import boto3

def handler(event, context):
    for service, call, parameters in (
        ("s3", "get_object", {"Bucket": event["bucket"], "Key": "none"}),
        ("logs", "put_retention_policy", {"logGroupName": "none", "retentionInDays": 1}),
    ):
        try:
            getattr(boto3.client(service), call)(**parameters)
        except Exception as error:
            print(error)
"""


def actions(rows: Any, stack: str) -> list[str]:
    return [row["action"] for row in rows if row["stack"] == stack]


def test_the_grants_of_the_bootstrap_stack_are_not_ours() -> None:
    bootstrap = GRANT | {"stack": "CDKToolkit"}
    decisions = Decisions(decisions=[], grants=[bootstrap, bootstrap | {"used": []}, GRANT])

    assert decisions.unused == []
    assert decisions.missing == [GRANT]


def test_a_line_has_what_decided() -> None:
    allowed = {
        "caller": "arn:a",
        "action": "s3:GetObject",
        "resource": "arn:b",
        "is_allowed": True,
        "statement": "Role / Policy / 1",
        "reason": "",
        "count": 3,
    }

    assert decision_line(allowed) == "arn:a  s3:GetObject  arn:b  3x  allowed by Role / Policy / 1"
    refused = allowed | {"is_allowed": False, "reason": "No."}
    assert decision_line(refused).endswith("3x  REFUSED: No.")
    assert grant_line(GRANT) == "Tiny/Role  Policy / 1  s3:Get*  *  used for s3:GetObject"
