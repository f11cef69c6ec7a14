"""Ends of executions before their time, waits in seconds of AWS, retries and filters of lists."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import stepfunctions

from local.emulator.state_machines import stops_and_timeouts
from local.emulator.state_machines.stops_and_timeouts import InterruptedTaskError, Interruption
from local.local_aws import LocalAws
from tests.local.emulator.state_machines.machines import ended, run, start, task
from tests.local.iam.roles import allow

HOUR = {"Type": "Wait", "Seconds": 3600, "End": True}


def waiting(**more: Any) -> dict[str, Any]:
    """A state machine that waits for an hour of AWS: a minute at the speed of the tests."""
    return {"StartAt": "Wait", "States": {"Wait": HOUR}, **more}


def test_an_execution_is_stopped_while_it_waits(aws: LocalAws, bucket: str) -> None:
    states = aws.client("stepfunctions")
    execution = start(aws, bucket, waiting())

    states.stop_execution(executionArn=execution, cause="Enough.")

    found = ended(aws, execution)
    assert (found["status"], found["cause"]) == ("ABORTED", "Enough.")
    machine = found["stateMachineArn"]
    for status, listed in (("ABORTED", [execution]), ("RUNNING", []), ("FAILED", [])):
        answer = states.list_executions(stateMachineArn=machine, statusFilter=status)
        assert [one["executionArn"] for one in answer["executions"]] == listed


def test_an_execution_ends_at_the_time_limit_of_its_state_machine(aws: LocalAws, bucket: str) -> None:
    done = run(aws, bucket, waiting(TimeoutSeconds=1))

    assert (done["status"], done["error"]) == ("TIMED_OUT", "States.Timeout")
    history = aws.client("stepfunctions").get_execution_history(executionArn=done["executionArn"])
    assert history["events"][-1]["type"] == "ExecutionTimedOut"


def test_an_execution_that_waits_for_another_one_stops_it(aws: LocalAws, bucket: str) -> None:
    states = aws.client("stepfunctions")
    child = ended(aws, stopped(aws, f"{bucket}-child"))["stateMachineArn"]
    parent = task("states:startExecution.sync", {"StateMachineArn": child, "Name": "waited-for"})
    execution = start(
        aws, bucket, {**parent, "TimeoutSeconds": 1}, allow("states:StartExecution", "events:*")
    )

    assert ended(aws, execution)["status"] == "TIMED_OUT"
    arn = child.replace(":stateMachine:", ":execution:") + ":waited-for"
    assert ended(aws, arn)["status"] == "ABORTED"
    assert states.list_executions(stateMachineArn=child, statusFilter="RUNNING")["executions"] == []


def stopped(aws: LocalAws, name: str) -> str:
    """Starts and stops an execution of a state machine that waits; returns its ARN."""
    execution = start(aws, name, waiting())
    aws.client("stepfunctions").stop_execution(executionArn=execution)
    return execution


def test_waits_and_pauses_before_retries_follow_the_speed_of_time(aws: LocalAws, bucket: str) -> None:
    # Given ten seconds of a wait and 20 before a retry, half a second at the speed of the tests
    machine = task("aws-sdk:sagemaker:describeEndpoint", {"EndpointName": bucket})
    machine["StartAt"] = "Wait"
    machine["States"]["Wait"] = {"Type": "Wait", "Seconds": 10, "Next": "Task"}
    machine["States"]["Task"] |= {
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 20, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Told"}],
    }
    machine["States"]["Told"] = {"Type": "Pass", "End": True}

    done = run(aws, bucket, machine, allow("sagemaker:*"))

    assert done["status"] == "SUCCEEDED", done
    assert json.loads(done["output"])["error"]["Error"] == "SageMaker.SageMakerException"
    assert (done["stopDate"] - done["startDate"]).total_seconds() < 10
    history = aws.client("stepfunctions").get_execution_history(executionArn=done["executionArn"])
    assert [event["type"] for event in history["events"]].count("TaskFailed") == 2


@pytest.fixture
def stopped_task() -> Iterator[Interruption]:
    """The context of a task whose execution has been stopped; the execution may run again, by a redrive."""
    interruption = Interruption()
    token = stops_and_timeouts._current.set(interruption)
    yield interruption
    stops_and_timeouts._current.reset(token)


@pytest.mark.parametrize("ends_with", ["result", "error"])
def test_the_end_of_a_task_whose_execution_was_stopped_is_dropped(
    stopped_task: Interruption, ends_with: str
) -> None:
    def invoke(_resource: str, data: Any) -> Any:
        stopped_task.set()
        if ends_with == "error":
            raise stepfunctions._ExecutionError("Failed", "too late")
        return data

    with pytest.raises(InterruptedTaskError):
        stops_and_timeouts._unless_interrupted(invoke)("function", {})


def test_the_failure_of_a_run_that_was_stopped_does_not_fail_the_redriven_one(
    stopped_task: Interruption,
) -> None:
    failures: list[str] = []
    fail = stops_and_timeouts._while_running(lambda _execution, error, _cause: failures.append(error))

    fail({"status": "RUNNING"}, "of a run in progress", "")
    stopped_task.set()
    fail({"status": "RUNNING"}, "of a run that was stopped", "")

    assert failures == ["of a run in progress"]


def test_the_time_limit_of_a_run_that_was_stopped_does_not_end_the_redriven_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = {"definition": json.dumps({"TimeoutSeconds": 3600})}
    monkeypatch.setattr(stepfunctions, "_state_machines", {"arn:machine": machine})
    execution = {
        "status": "RUNNING",
        "stateMachineArn": "arn:machine",
        "executionArn": "arn:one",
        "events": [],
    }
    interruption = Interruption()
    timer = stops_and_timeouts._timer(execution, interruption)
    timer.cancel()

    interruption.set()
    timer.function(*timer.args)

    assert execution["status"] == "RUNNING"
