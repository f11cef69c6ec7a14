"""Executions of Step Functions: the role of the state machine decides each call, in the words of AWS."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.iam_decisions import fetch_decisions
from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import ended, run, start
from tests.local.iam.roles import allow, make_role, trust
from tests.local.polling import until

PASS = {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}}
ROWS = {"Type": "Pass", "Result": [{"n": 1}, {"n": 2}], "End": True}
ALL = ("s3:ListBucket", "s3:PutObject", "states:StartExecution", "lambda:InvokeFunction")


def map_of_objects(bucket: str, states: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A state machine with a Distributed Map over the objects of a bucket."""
    return {
        "StartAt": "Objects",
        "States": {
            "Objects": {
                "Type": "Map",
                "Label": "Objects",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:listObjectsV2",
                    "Parameters": {"Bucket": bucket, "Prefix": "in/"},
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    **states,
                },
                "End": True,
                **more,
            }
        },
    }


def writer(bucket: str, **config: str) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": bucket, "Prefix": "out/_parts"},
        "WriterConfig": config,
    }


@pytest.fixture
def objects(aws: LocalAws, bucket: str) -> str:
    """A bucket with two objects."""
    for key in ("in/a.csv", "in/b.csv"):
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"1")
    return bucket


def test_the_results_of_children_are_written_as_lines_and_flattened(aws: LocalAws, objects: str) -> None:
    states = {"StartAt": "Rows", "States": {"Rows": ROWS}}
    more = {
        "ResultWriter": writer(objects, OutputType="JSONL", Transformation="FLATTEN"),
        "ResultPath": "$.parts",
    }

    done = run(aws, objects, map_of_objects(objects, states, **more), allow(*ALL))

    assert done["status"] == "SUCCEEDED"
    details = json.loads(done["output"])["parts"]
    place = details["ResultWriterDetails"]
    assert place["Bucket"] == objects
    assert place["Key"].startswith("out/_parts/")
    s3 = aws.client("s3")
    manifest = json.loads(s3.get_object(Bucket=objects, Key=place["Key"])["Body"].read())
    assert (manifest["MapRunArn"], manifest["DestinationBucket"]) == (details["MapRunArn"], objects)
    [file] = manifest["ResultFiles"]["SUCCEEDED"]
    text = s3.get_object(Bucket=objects, Key=file["Key"])["Body"].read().decode()
    assert len(text) == file["Size"]
    assert [json.loads(line) for line in text.splitlines()] == [{"n": 1}, {"n": 2}] * 2


def test_results_are_exported_unchanged_without_a_transformation(aws: LocalAws, objects: str) -> None:
    done = run(aws, objects, map_of_objects(objects, PASS, ResultWriter=writer(objects)), allow(*ALL))

    place = json.loads(done["output"])["ResultWriterDetails"]
    s3 = aws.client("s3")
    manifest = json.loads(s3.get_object(Bucket=objects, Key=place["Key"])["Body"].read())
    [file] = manifest["ResultFiles"]["SUCCEEDED"]
    exported = json.loads(s3.get_object(Bucket=objects, Key=file["Key"])["Body"].read())
    assert [json.loads(one["Output"])["Key"] for one in exported] == ["in/a.csv", "in/b.csv"]
    assert {one["Status"] for one in exported} == {"SUCCEEDED"}


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        ("s3:ListBucket", "States.ItemReaderFailed"),
        ("states:StartExecution", "States.Permissions"),
        ("s3:PutObject", "States.ResultWriterFailed"),
    ],
)
def test_a_map_fails_when_the_role_lacks_a_permission(
    aws: LocalAws, objects: str, refused: str, error: str
) -> None:
    allowed = [action for action in ALL if action != refused]

    done = run(aws, objects, map_of_objects(objects, PASS, ResultWriter=writer(objects)), allow(*allowed))

    assert (done["status"], done["error"]) == ("FAILED", error)
    if error != "States.ResultWriterFailed":
        assert f"is not authorized to perform: {refused} on resource: arn:aws:" in done["cause"]


def test_a_function_is_called_with_the_permission_of_the_role_only(aws: LocalAws, bucket: str) -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:any"
    task = {"Type": "Task", "Resource": function, "End": True}

    done = run(aws, bucket, {"StartAt": "Call", "States": {"Call": task}}, allow("s3:ListBucket"))

    assert (done["status"], done["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert f"is not authorized to perform: lambda:InvokeFunction on resource: {function}" in done["cause"]


def test_an_execution_fails_when_step_functions_may_not_assume_the_role(aws: LocalAws, bucket: str) -> None:
    states = aws.client("stepfunctions")
    role = make_role(aws, trust("lambda"), allow(*ALL))
    machine = states.create_state_machine(name=bucket, definition=json.dumps(PASS), roleArn=role)

    started = states.start_execution(stateMachineArn=machine["stateMachineArn"])

    found = ended(aws, started["executionArn"])
    assert "does not allow states.amazonaws.com to assume it" in found["cause"]


@pytest.mark.parametrize("allowed", ["states:StartExecution", "states:StopExecution"])
def test_a_rule_starts_an_execution_with_the_role_of_its_target(
    aws: LocalAws, bucket: str, allowed: str
) -> None:
    # Given a rule whose target is a state machine, with a role
    states, events = aws.client("stepfunctions"), aws.client("events")
    own = make_role(aws, trust("states"))
    machine = states.create_state_machine(name=bucket, definition=json.dumps(PASS), roleArn=own)
    role = make_role(aws, trust("events"), allow(allowed))
    events.put_rule(Name=bucket, EventPattern=json.dumps({"source": [bucket]}))
    target = {"Id": "machine", "Arn": machine["stateMachineArn"], "RoleArn": role}
    events.put_targets(Rule=bucket, Targets=[target])

    # When an event matches
    events.put_events(Entries=[{"Source": bucket, "DetailType": "any", "Detail": "{}"}])

    # Then the role decides
    is_allowed = allowed == "states:StartExecution"
    decisions = fetch_decisions(aws)
    refused = [row for row in decisions.refused if row["resource"] == machine["stateMachineArn"]]
    started = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert (len(started), len(refused)) == ((1, 0) if is_allowed else (0, 1))


def machine_stack(role: str, *, level: str) -> dict[str, Any]:
    properties = {
        "RoleArn": role,
        "DefinitionString": json.dumps(PASS),
        "LoggingConfiguration": {"Level": level, "Destinations": []},
    }
    return {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}


@pytest.mark.parametrize(
    ("service", "actions", "reason"),
    [
        ("lambda", ["logs:*"], "Neither the global service principal states.amazonaws.com"),
        ("states", ["s3:*"], "is not authorized to access the Log Destination"),
        ("states", ["logs:*"], ""),
    ],
)
def test_a_state_machine_of_a_stack_needs_a_role_that_may_log(
    aws: LocalAws, bucket: str, service: str, actions: list[str], reason: str
) -> None:
    client = aws.client("cloudformation")
    role = make_role(aws, trust(service), allow(*actions))

    client.create_stack(StackName=bucket, TemplateBody=json.dumps(machine_stack(role, level="ALL")))

    def status() -> str:
        return str(client.describe_stacks(StackName=bucket)["Stacks"][0]["StackStatus"])

    until(lambda: not status().endswith("PROGRESS"))
    assert status() == ("ROLLBACK_COMPLETE" if reason else "CREATE_COMPLETE")
    events = client.describe_stack_events(StackName=bucket)["StackEvents"]
    assert any(reason in event.get("ResourceStatusReason", "") for event in events)


def test_a_stopped_execution_ends_the_children_of_its_map(aws: LocalAws, objects: str) -> None:
    # Given a Distributed Map whose first child waits for an hour, and whose second one has not begun
    states = aws.client("stepfunctions")
    hour = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    more = {"MaxConcurrency": 1, "ResultWriter": writer(objects, OutputType="JSONL")}
    execution = start(aws, objects, map_of_objects(objects, hour, **more), allow(*ALL))

    def map_run() -> Any:
        [found] = states.list_map_runs(executionArn=execution)["mapRuns"]
        return states.describe_map_run(mapRunArn=found["mapRunArn"])

    until(lambda: bool(states.list_map_runs(executionArn=execution)["mapRuns"]))
    until(lambda: map_run()["itemCounts"]["running"] == 1)

    # When it is stopped
    states.stop_execution(executionArn=execution)

    # Then its Map Run and its children are aborted too, and no results are written
    until(lambda: map_run()["status"] != "RUNNING")
    found = map_run()
    assert (found["status"], found["itemCounts"]["succeeded"]) == ("ABORTED", 0)
    children = states.list_executions(mapRunArn=found["mapRunArn"])["executions"]
    assert {child["status"] for child in children} == {"ABORTED"}
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=objects, Prefix="out/")
