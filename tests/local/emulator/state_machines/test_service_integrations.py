"""Tasks that call AWS services: names of parameters, results and errors, and the role that decides."""

import json
from typing import Any

import pytest

from local.emulator.state_machines.aws_sdk_action_names import java_name
from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import ended, run, start, task
from tests.local.iam.queued_topic import QueuedTopic
from tests.local.iam.roles import allow


def test_the_sdk_lists_executions_with_their_status(aws: LocalAws, bucket: str) -> None:
    """The state machine asks which executions of its own run."""
    machine = task(
        "aws-sdk:sfn:listExecutions",
        {"StateMachineArn.$": "$$.StateMachine.Id", "StatusFilter": "RUNNING"},
    )

    done = run(aws, bucket, machine, allow("states:ListExecutions"))

    assert done["status"] == "SUCCEEDED", done
    [found] = json.loads(done["output"])["Executions"]
    assert (found["ExecutionArn"], found["Status"]) == (done["executionArn"], "RUNNING")
    assert found["StartDate"].endswith("Z")


def test_the_sdk_describes_stacks_and_names_their_errors(aws: LocalAws, bucket: str) -> None:
    machine = task("aws-sdk:cloudformation:describeStacks", {"StackName": bucket})

    done = run(aws, bucket, machine, allow("cloudformation:DescribeStacks"))

    assert (done["status"], done["error"]) == ("FAILED", "CloudFormation.CloudFormationException")
    assert done["cause"].startswith(f"Stack with id {bucket} does not exist (Service: CloudFormation, Status")


@pytest.mark.parametrize(
    ("resource", "parameters", "error"),
    [
        ("aws-sdk:s3:getObject", {"Bucket": "{bucket}", "Key": "none"}, "S3.NoSuchKeyException"),
        ("aws-sdk:s3:getBucketTagging", {"Bucket": "{bucket}"}, "S3.S3Exception"),
        (
            "aws-sdk:sfn:describeExecution",
            {"ExecutionArn": "arn:aws:states:us-east-1:000000000000:execution:none:none"},
            "Sfn.ExecutionDoesNotExistException",
        ),
        (
            "aws-sdk:sagemaker:describeEndpoint",
            {"EndpointName": "none"},
            "SageMaker.SageMakerException",
        ),
        (
            "aws-sdk:cloudwatchlogs:describeLogStreams",
            {"LogGroupName": "none"},
            "CloudWatchLogs.ResourceNotFoundException",
        ),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none", "Message": "any"},
            "SNS.NotFoundException",
        ),
        ("aws-sdk:sagemaker:describeNothing", {}, "States.Runtime"),
        ("aws-sdk:nothing:describe", {}, "States.Runtime"),
    ],
)
def test_errors_have_the_names_of_the_sdk(
    aws: LocalAws, bucket: str, resource: str, parameters: dict[str, Any], error: str
) -> None:
    given = {name: value.format(bucket=bucket) for name, value in parameters.items()}

    done = run(aws, bucket, task(resource, given), allow("*"))

    assert (done["status"], done["error"]) == ("FAILED", error), done


def test_the_role_of_the_state_machine_decides_about_a_call(aws: LocalAws, bucket: str) -> None:
    machine = task("aws-sdk:sagemaker:describeEndpoint", {"EndpointName": bucket})

    done = run(aws, bucket, machine, allow("sagemaker:ListEndpoints"))

    assert done["error"] == "SageMaker.SageMakerException"
    assert "is not authorized to perform: sagemaker:DescribeEndpoint on resource: arn:aws:" in done["cause"]


def test_the_text_of_an_object_is_the_result_and_keys_of_maps_are_kept(aws: LocalAws, bucket: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="a", Body=b"text", Metadata={"camelCase": "b"})
    machine = task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "a"})

    result = json.loads(run(aws, bucket, machine, allow("s3:GetObject"))["output"])

    assert (result["Body"], result["ContentLength"]) == ("text", 4)
    assert set(result["Metadata"]) == {"camelcase"}


@pytest.mark.parametrize("action", ["sns:Publish", "sns:Subscribe"])
def test_a_topic_gets_an_object_as_json_if_the_role_may_publish(
    aws: LocalAws, bucket: str, action: str
) -> None:
    topic = QueuedTopic(aws, bucket, policy=[])
    machine = task("sns:publish", {"TopicArn": topic.arn, "Message": {"version": "ab12"}})

    done = run(aws, bucket, machine, allow(action, resource=topic.arn))

    texts = [json.loads(json.loads(body)["Message"]) for body in topic.messages()]
    is_permitted = action == "sns:Publish"
    assert texts == ([{"version": "ab12"}] if is_permitted else [])
    assert done.get("error") == (None if is_permitted else "SNS.AuthorizationErrorException")


def test_an_execution_starts_another_one_with_an_object_as_input(aws: LocalAws, bucket: str) -> None:
    states = aws.client("stepfunctions")
    other = {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}}
    child = ended(aws, start(aws, f"{bucket}-child", other))["stateMachineArn"]
    given = {"StateMachineArn": child, "Name": bucket, "Input": {"from": "parent"}}

    done = run(
        aws, bucket, task("states:startExecution", given), allow("states:StartExecution", resource=child)
    )

    started = ended(aws, json.loads(done["output"])["ExecutionArn"])
    assert json.loads(started["input"]) == {"from": "parent"}
    again = states.start_execution(stateMachineArn=done["stateMachineArn"])["executionArn"]
    assert ended(aws, again)["error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_an_event_is_sent_with_an_object_as_detail(aws: LocalAws, bucket: str) -> None:
    entry = {"Source": bucket, "DetailType": "any", "Detail": {"version": "ab12"}}

    done = run(aws, bucket, task("events:putEvents", {"Entries": [entry]}), allow("events:PutEvents"))

    assert json.loads(done["output"])["FailedEntryCount"] == 0


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("executionArn", "ExecutionArn"),
        ("VolumeSizeInGB", "VolumeSizeInGB"),
        ("DBClusters", "DbClusters"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ETag", "ETag"),
        ("S3Uri", "S3Uri"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("SS", "Ss"),
    ],
)
def test_members_have_the_names_of_the_sdk_for_java(member: str, name: str) -> None:
    assert java_name(member) == name
