"""The command that retrains: states with their times, the end of a run, and going on with one that failed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stacks.commands.retrain.__main__ import main
from stacks.commands.retrain.execution import RetrainingError, RetrainingExecution
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import deployed

START = datetime(2026, 11, 27, 6, tzinfo=UTC)


def entered(number: int, name: str, second: float, **given: Any) -> dict[str, Any]:
    details = {"name": name, "input": json.dumps(given)}
    return {
        "id": number,
        "timestamp": START + timedelta(seconds=second),
        "stateEnteredEventDetails": details,
    }


def exited(number: int, name: str, second: float) -> dict[str, Any]:
    return {
        "id": number,
        "timestamp": START + timedelta(seconds=second),
        "stateExitedEventDetails": {"name": name},
    }


HISTORY = [
    entered(1, "Start", 0),
    exited(2, "Start", 0),
    entered(3, "Prepare", 0),
    exited(4, "Prepare", 1.5),
    entered(5, "Train", 1.5, run={"champion": "a"}),
    exited(6, "Train", 61.5),
    entered(7, "Shift", 62),
    exited(8, "Shift", 72),
    entered(9, "Shift", 72),
    exited(10, "Shift", 75),
]


class Account:
    """An account whose calls have the answers of a test, the last of them again and again."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def read(self, _service: str, operation: str, *, action: str, **call: Any) -> Any:  # noqa: ARG002 - the signature
        """Makes a call."""
        self.calls.append((operation, call))
        answers = self.answers[operation]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    change = read

    def patient(self) -> "Account":
        return self


def runs(account: Account, progress: list[str]) -> RetrainingExecution:
    return RetrainingExecution(account, "arn", progress=progress.append, wait=lambda: None)  # type: ignore[arg-type]


def test_each_state_is_shown_once_with_its_seconds_and_turns_of_a_loop_are_added() -> None:
    told = {"outcome": "released", "sentence": "Version b serves."}
    account = Account(
        describe_execution=[
            {"status": "RUNNING"},
            {"status": "RUNNING"},
            {"status": "SUCCEEDED", "output": json.dumps(told)},
        ],
        # The history has pages, and grows.
        get_execution_history=[
            {"events": HISTORY[:3]},
            {"events": HISTORY[:4], "nextToken": "more"},
            {"events": HISTORY[4:6]},
            {"events": HISTORY},
        ],
    )
    progress: list[str] = []

    end = runs(account, progress).follow("arn:run")

    assert progress == [
        *("Prepare ...", "Prepare: 1.5 s", "Train ...", "Train: 60.0 s"),
        *("Shift ...", "Shift: 10.0 s", "Shift ...", "Shift: 3.0 s"),
    ]
    assert (end.outcome, end.sentence, end.told) == ("released", "Version b serves.", told)
    assert end.seconds == {"Prepare": 1.5, "Train": 60.0, "Shift": 13.0}


@pytest.mark.parametrize(
    ("described", "outcome", "sentence"),
    [
        ({"status": "FAILED", "error": "undone", "cause": "It missed."}, "undone", "It missed."),
        ({"status": "FAILED", "error": "failed", "cause": "No rows."}, "failed", "No rows."),
        ({"status": "ABORTED"}, "failed", "The execution is ABORTED."),
    ],
)
def test_a_run_that_does_not_succeed_says_why(described: dict[str, Any], outcome: str, sentence: str) -> None:
    account = Account(describe_execution=[described], get_execution_history=[{"events": []}])

    end = runs(account, []).follow("arn:run")

    assert (end.outcome, end.sentence) == (outcome, sentence)


def test_a_run_goes_on_with_the_input_of_the_state_that_failed() -> None:
    history = [*HISTORY[:6], entered(7, "Judge", 62, trained={"job": "b"}), entered(8, "Notify", 63)]
    account = Account(get_execution_history=[{"events": history}])

    assert runs(account, []).to_resume("arn:run") == {
        "because": "resume",
        "resume": "Judge",
        "state": {"trained": {"job": "b"}},
    }


def test_a_run_that_has_not_begun_to_train_is_not_resumed() -> None:
    account = Account(get_execution_history=[{"events": HISTORY[:4]}], list_executions=[{"executions": []}])

    with pytest.raises(RetrainingError, match="has nothing to go on with"):
        runs(account, []).to_resume("arn:run")
    with pytest.raises(RetrainingError, match="No retraining of this stack is FAILED"):
        runs(account, []).newest("FAILED")


@pytest.mark.usefixtures("signed_in")
def test_a_stack_without_the_setting_says_what_to_set(
    aws: AwsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.deploy("FirstModel", deployed("lambda"))

    code = main(["-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert code == 1
    assert "set retrain to manual and data to the folder of the rows" in capsys.readouterr().err
