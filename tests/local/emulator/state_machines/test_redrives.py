"""RedriveExecution: executions go on from the state that they were in."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import ended, run, start, task
from tests.local.iam.roles import allow, make_user


def test_a_failed_execution_goes_on_from_its_failed_state(aws: LocalAws, bucket: str) -> None:
    # Given an execution that failed in its second state, because an object was absent
    states, s3 = aws.client("stepfunctions"), aws.client("s3")
    machine = task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key.$": "$.key"}, ResultPath="$.found")
    machine["StartAt"] = "Key"
    machine["States"]["Key"] = {"Type": "Pass", "Result": {"key": "rows.csv"}, "Next": "Task"}
    machine["States"]["Task"] |= {"ResultSelector": {"text.$": "$.Body"}, "Next": "Last"}
    del machine["States"]["Task"]["End"]
    machine["States"]["Last"] = {"Type": "Succeed"}
    failed = run(aws, bucket, machine, allow("s3:GetObject", "s3:ListBucket"))
    assert (failed["error"], failed["redriveStatus"]) == ("S3.NoSuchKeyException", "REDRIVABLE")

    # When the object exists, and the execution is redriven
    s3.put_object(Bucket=bucket, Key="rows.csv", Body=b"1,2")
    states.redrive_execution(executionArn=failed["executionArn"])

    # Then it succeeds, without its first state
    done = ended(aws, failed["executionArn"])
    assert (done["status"], done["redriveCount"], "error" in done) == ("SUCCEEDED", 1, False), done
    assert json.loads(done["output"]) == {"key": "rows.csv", "found": {"text": "1,2"}}
    events = states.get_execution_history(executionArn=done["executionArn"])["events"]
    entered = [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]
    assert entered == ["Key", "Task", "Task", "Last"]
    assert "ExecutionRedriven" in [event["type"] for event in events]


def test_an_execution_goes_on_with_the_definition_that_it_began_with(aws: LocalAws, bucket: str) -> None:
    # Given an execution that failed, because an object was absent, and another definition since
    def definition(result: str) -> dict[str, Any]:
        machine = task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "rows.csv"}, Next="Last")
        del machine["States"]["Task"]["End"]
        machine["States"]["Last"] = {"Type": "Pass", "Result": result, "End": True}
        return machine

    states = aws.client("stepfunctions")
    failed = run(aws, bucket, definition("before"), allow("s3:GetObject", "s3:ListBucket"))
    states.update_state_machine(
        stateMachineArn=failed["stateMachineArn"], definition=json.dumps(definition("after"))
    )

    # When it is redriven, then it ends as the first definition says
    aws.client("s3").put_object(Bucket=bucket, Key="rows.csv", Body=b"1,2")
    states.redrive_execution(executionArn=failed["executionArn"])
    assert json.loads(ended(aws, failed["executionArn"])["output"]) == "before"


def test_an_execution_that_has_been_stopped_can_be_stopped_again(aws: LocalAws, bucket: str) -> None:
    states = aws.client("stepfunctions")
    waiting = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    execution = start(aws, bucket, waiting)

    for count in (0, 1, 2):
        states.stop_execution(executionArn=execution)
        found = ended(aws, execution)
        assert (found["status"], found["redriveCount"]) == ("ABORTED", count)
        states.redrive_execution(executionArn=execution)
    states.stop_execution(executionArn=execution)


def test_a_succeeded_execution_and_one_that_does_not_exist_are_not_redriven(
    aws: LocalAws, bucket: str
) -> None:
    states = aws.client("stepfunctions")
    done = run(aws, bucket, {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}})
    assert done["redriveStatus"] == "NOT_REDRIVABLE"

    with pytest.raises(states.exceptions.ExecutionNotRedrivable, match="is SUCCEEDED and cannot be redriven"):
        states.redrive_execution(executionArn=done["executionArn"])
    with pytest.raises(states.exceptions.ExecutionDoesNotExist):
        states.redrive_execution(executionArn=f"{done['executionArn']}-none")


def test_the_caller_needs_the_permission(aws: LocalAws, bucket: str) -> None:
    done = run(aws, bucket, {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}})

    with pytest.raises(
        ClientError, match=r"states:RedriveExecution on resource: arn:aws:states:[\w:-]+execution:"
    ):
        make_user(aws).client("stepfunctions").redrive_execution(executionArn=done["executionArn"])
