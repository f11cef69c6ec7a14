"""Definition of the state machine: every state has a time limit, and every failure is notified."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.exceptions
import pytest

from stacks.retraining.definition import FunctionArns, definition
from stacks.retraining.jobs import JobSettings

FUNCTIONS = FunctionArns(
    **{name: f"function:{name}" for name in ("prepare", "registrar", "releaser", "verifier", "notifier")}
)
JOBS = JobSettings(
    model="tiny",
    image="image",
    role="role",
    output="s3://bucket/retraining",
    instance_type="ml.m5.xlarge",
    spot=False,
    hours=4,
    judge_days=14,
)
SPOT = JobSettings(
    model="tiny",
    image="image",
    role="role",
    output="s3://bucket/retraining",
    instance_type="ml.m5.xlarge",
    spot=True,
    hours=4,
    judge_days=14,
)

State = dict[str, Any]


def states(*, jobs: JobSettings = JOBS, approves: bool = True) -> dict[str, State]:
    found: dict[str, State] = definition(FUNCTIONS, jobs, approves=approves)["States"]
    return found


def nexts(state: State) -> Iterator[str]:
    """The states that may follow a state."""
    for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (part[name] for name in ("Next", "Default") if name in part)


def reached(found: dict[str, State], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += nexts(found[name])
    return seen


@pytest.mark.parametrize("approves", [True, False])
def test_every_state_is_reached_and_leads_to_the_end_of_the_run(*, approves: bool) -> None:
    found = states(approves=approves)

    assert reached(found, "Start") == found.keys()
    for name in found:
        assert reached(found, name) & {"RunSucceeded", "RunFailed", "Unnotified"}, name


def test_every_task_has_a_time_limit_and_every_error_of_it_is_told() -> None:
    for name, state in states().items():
        if state["Type"] == "Task":
            assert state["TimeoutSeconds"] > 0, name
            assert state["Retry"], name
            [*_, last] = state["Catch"]
            assert last["ErrorEquals"] == ["States.ALL"], name
            assert name == "Notify" or "Notify" in reached(states(), last["Next"]), name


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("apigateway", "TooManyRequestsException"),
        ("cloudformation", "Throttling"),
        ("s3", "SlowDown"),
        ("sagemaker", "ThrottlingException"),
        ("sns", "Throttled"),
        ("stepfunctions", "ThrottlingException"),
    ],
)
def test_a_function_that_aws_throttles_is_called_again(service: str, code: str) -> None:
    client = boto3.client(
        service, region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    raised = client.exceptions.from_code(code).__name__

    for name, state in states().items():
        if state["Type"] == "Task" and "function" in state["Resource"]:
            assert raised in {error for retry in state["Retry"] for error in retry["ErrorEquals"]}, name


@pytest.mark.parametrize("name", ["Shift", "Verify"])
def test_an_error_after_the_update_has_begun_brings_the_version_before_back(name: str) -> None:
    found = states()

    assert [catch["Next"] for catch in found[name]["Catch"]] == ["Undo"]
    assert found["Undo"]["Parameters"]["version.$"] == "$.run.champion"
    assert found["Verified"]["Default"] == "Undo"


def test_a_release_and_its_undoing_name_the_version_that_they_may_replace() -> None:
    found = states()

    assert found["Release"]["Parameters"]["replaces.$"] == found["Undo"]["Parameters"]["version.$"]
    assert found["Undo"]["Parameters"]["replaces.$"] == found["Release"]["Parameters"]["version.$"]


def test_a_roll_back_that_failed_is_not_told_as_one_that_succeeded() -> None:
    [stuck] = [rule for rule in states()["Shifted"]["Choices"] if rule["StringEquals"] == "Stuck"]

    assert stuck["Next"] == "Failed"
    assert states()["Shifted"]["Default"] == "Reject"


def test_nothing_is_released_that_the_judge_refuses_or_nobody_approves() -> None:
    for approves in (True, False):
        found = states(approves=approves)
        assert found["Judged"]["Default"] == "Refused"
        assert "Release" not in reached(found, "Refused")
    # A person's approval starts an execution of its own.
    assert "Release" not in reached(states(approves=False), "Register")
    assert states()["Approve"]["Next"] == "Release"


def test_only_a_lack_of_capacity_repeats_a_job_that_has_failed() -> None:
    found = states()

    for name in ("Train", "Judge"):
        task, *_ = found[name]["Catch"]
        assert task == {
            "ErrorEquals": ["States.TaskFailed"],
            "ResultPath": "$.error",
            "Next": f"{name}Failed",
        }
        [rule] = found[f"{name}Failed"]["Choices"]
        assert rule["And"][0] == {"Variable": "$.error.Cause", "StringMatches": "*CapacityError*"}
        assert found[f"{name}Failed"]["Default"] == "Failed"
        assert name in reached(found, rule["Next"])
        retried = {error for retry in found[name]["Retry"] for error in retry["ErrorEquals"]}
        assert not {"States.ALL", "States.TaskFailed"} & retried


def test_the_training_leaves_out_the_newest_days_which_the_judge_reads() -> None:
    train, judge = (states()[name]["Parameters"] for name in ("Train", "Judge"))

    assert train["HyperParameters"] == {"model": "tiny", "holdout": "14"}
    assert judge["HyperParameters"] == {"task": "judge"}
    channels = {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri.$"]
        for channel in judge["InputDataConfig"]
    }
    assert channels == {
        "training": "$.run.data.uri",
        "champion": "$.run.champion_uri",
        "challenger": "$.trained.model",
    }
    assert train["EnableNetworkIsolation"] is judge["EnableNetworkIsolation"] is True


def test_both_jobs_read_the_weather_of_the_rows() -> None:
    found = states(jobs=dataclasses.replace(JOBS, weather="s3://bucket/weather/"))

    for name in ("Train", "Judge"):
        [source] = [
            channel["DataSource"]["S3DataSource"]
            for channel in found[name]["Parameters"]["InputDataConfig"]
            if channel["ChannelName"] == "weather"
        ]
        assert (source["S3DataType"], source["S3Uri"]) == ("S3Prefix", "s3://bucket/weather/")
        assert "S3Uri.$" not in source


def test_spot_instances_may_be_waited_for_and_a_training_goes_on_after_an_interruption() -> None:
    plain, spot = (states(jobs=jobs)["Train"] for jobs in (JOBS, SPOT))

    assert plain["Parameters"]["StoppingCondition"] == {"MaxRuntimeInSeconds": 4 * 3600}
    assert spot["Parameters"]["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 4 * 3600,
        "MaxWaitTimeInSeconds": 8 * 3600,
    }
    # The state waits longer than the job may take.
    assert spot["TimeoutSeconds"] > 8 * 3600
    assert "CheckpointConfig" not in plain["Parameters"]
    assert spot["Parameters"]["CheckpointConfig"]["S3Uri.$"].startswith("States.Format(")
    assert "CheckpointConfig" not in states(jobs=SPOT)["Judge"]["Parameters"]


def test_every_error_of_a_connection_is_repeated() -> None:
    # Bodies of responses are read after botocore's own attempts.
    errors = (
        botocore.exceptions.ConnectTimeoutError,
        botocore.exceptions.ConnectionClosedError,
        botocore.exceptions.EndpointConnectionError,
        botocore.exceptions.IncompleteReadError,
        botocore.exceptions.ReadTimeoutError,
        botocore.exceptions.ResponseStreamingError,
    )
    functions = [
        found for found in states().values() if str(found.get("Resource", "")).startswith("function:")
    ]

    for state in functions:
        repeated = {name for rule in state["Retry"] for name in rule["ErrorEquals"]}
        assert {error.__name__ for error in errors} <= repeated
    assert len(functions) >= len(dataclasses.fields(FunctionArns))
