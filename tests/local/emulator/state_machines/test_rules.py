"""Rules of a stack that start its state machine: by objects, events of SageMaker, and schedules."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import ended
from tests.local.iam.roles import allow, make_role, trust
from tests.local.polling import until

KEEP = {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}}


def stack(bucket: str, rule: dict[str, Any], **target: Any) -> dict[str, Any]:
    """A template with a bucket that tells EventBridge of its objects, a state machine, and a rule."""
    trusted = {name: trust(name) for name in ("states", "events")}
    started = {"Statement": [allow("states:StartExecution", resource={"Ref": "Machine"})]}  # type: ignore[arg-type]
    roles = {
        "States": {"AssumeRolePolicyDocument": trusted["states"]},
        "Events": {
            "AssumeRolePolicyDocument": trusted["events"],
            "Policies": [{"PolicyName": "start", "PolicyDocument": started}],
        },
    }
    machine = {
        "RoleArn": {"Fn::GetAtt": ["States", "Arn"]},
        "DefinitionString": json.dumps(KEEP),
        "StateMachineName": bucket,
    }
    to = {"Id": "machine", "Arn": {"Ref": "Machine"}, "RoleArn": {"Fn::GetAtt": ["Events", "Arn"]}, **target}
    told = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    return {
        "Resources": {
            **{name: {"Type": "AWS::IAM::Role", "Properties": role} for name, role in roles.items()},
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
            "Rows": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": f"{bucket}-rows", "NotificationConfiguration": told},
            },
            "Rule": {"Type": "AWS::Events::Rule", "Properties": {**rule, "Targets": [to]}},
        }
    }


@pytest.fixture
def deploy(aws: LocalAws, bucket: str) -> Callable[..., Callable[[], dict[str, Any]]]:
    """Deploys the stack; returns what waits for the first execution of its state machine."""

    def deploy(rule: dict[str, Any], **target: Any) -> Callable[[], dict[str, Any]]:
        client, states = aws.client("cloudformation"), aws.client("stepfunctions")
        client.create_stack(
            StackName=bucket,
            TemplateBody=json.dumps(stack(bucket, rule, **target)),
            Capabilities=["CAPABILITY_IAM"],
        )

        def status() -> str:
            return str(client.describe_stacks(StackName=bucket)["Stacks"][0]["StackStatus"])

        until(lambda: not status().endswith("PROGRESS"))
        assert status() == "CREATE_COMPLETE"
        machine = f"arn:aws:states:us-east-1:000000000000:stateMachine:{bucket}"

        def first() -> dict[str, Any]:
            until(lambda: bool(states.list_executions(stateMachineArn=machine)["executions"]))
            [execution] = states.list_executions(stateMachineArn=machine)["executions"]
            return ended(aws, execution["executionArn"])

        return first

    return deploy


def test_a_new_object_starts_the_state_machine_with_what_the_transformer_makes_of_the_event(
    aws: LocalAws, bucket: str, deploy: Callable[..., Callable[[], dict[str, Any]]]
) -> None:
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [f"{bucket}-rows"]}, "object": {"key": [{"prefix": "rows/"}]}},
    }
    transformer = {
        "InputPathsMap": {"key": "$.detail.object.key"},
        "InputTemplate": '{"because": "data", "key": "<key>"}',
    }
    first = deploy({"EventPattern": pattern}, InputTransformer=transformer)

    for key in ("other/a.csv", "rows/b.csv"):
        aws.client("s3").put_object(Bucket=f"{bucket}-rows", Key=key, Body=b"1")

    assert json.loads(first()["input"]) == {"because": "data", "key": "rows/b.csv"}


def test_a_new_status_of_a_job_starts_the_state_machine_with_a_constant(
    aws: LocalAws, bucket: str, deploy: Callable[..., Callable[[], dict[str, Any]]]
) -> None:
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "detail": {"TrainingJobName": [bucket], "TrainingJobStatus": ["Failed"]},
    }
    first = deploy({"EventPattern": pattern}, Input='{"because": "a job"}')
    role = make_role(aws, trust("sagemaker"))

    aws.client("sagemaker").create_training_job(
        TrainingJobName=bucket,
        AlgorithmSpecification={
            "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag",
            "TrainingInputMode": "File",
        },
        RoleArn=role,
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )

    assert json.loads(first()["input"]) == {"because": "a job"}


@pytest.mark.parametrize("expression", ["rate(30 days)", "cron(0 6 1 * ? *)"])
def test_a_schedule_is_deployed_with_its_target(
    aws: LocalAws,
    bucket: str,
    deploy: Callable[..., Callable[[], dict[str, Any]]],
    expression: str,
) -> None:
    deploy({"Name": bucket, "ScheduleExpression": expression}, Input='{"because": "schedule"}')

    events = aws.client("events")
    assert events.describe_rule(Name=bucket)["ScheduleExpression"] == expression
    [target] = events.list_targets_by_rule(Rule=bucket)["Targets"]
    assert target["Input"] == '{"because": "schedule"}'
