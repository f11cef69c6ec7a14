"""Execution of the state machine of retrainings: its start, its states with their times, and its end."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.commands.aws_account import AwsAccount
from stacks.commands.executions.state_machine import StateMachine
from stacks.settings.retraining.resumable_states import RUN_ENTRIES

# States that only decide or collect are not shown.
_SHOWN = (
    *("Gather", "Prepare", "Train", "TrainCapacity", "Judge", "JudgeCapacity", "Register", "Approve"),
    *("Release", "Shift", "Verify", "Undo", "ShiftBack", "Reject", "Notify"),
)
_ENTERED, _EXITED = "stateEnteredEventDetails", "stateExitedEventDetails"


class RetrainingError(Exception):
    """A run cannot be started or followed; the message says in one sentence why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class RetrainingEnd:
    """End of an execution.

    Attributes:
        outcome: released, awaiting-approval, refused, nothing-to-do, undone or failed.
        sentence: Outcome of the version, and the version that serves.
        told: All that the run tells; empty when it was ended from outside.
        seconds: Seconds of each state, in the order of the run.
    """

    outcome: str
    sentence: str
    told: Mapping[str, Any]
    seconds: Mapping[str, float]


class RetrainingExecution(StateMachine):
    """Follows executions of the state machine of retrainings, state by state."""

    def __init__(self, account: AwsAccount, state_machine: str, **looks: Callable[..., None]) -> None:
        super().__init__(account, state_machine, **looks)
        self._seen = 0
        self._entered: dict[str, float] = {}
        self._seconds: dict[str, float] = {}

    def newest(self, status: str) -> str:
        """Returns the ARN of the newest execution with a status.

        Raises:
            RetrainingError: There is none.
            UnreadableAccountError: Step Functions refuses.
        """
        found = self._account.read(
            "stepfunctions",
            "list_executions",
            action="states:ListExecutions",
            stateMachineArn=self._state_machine,
            statusFilter=status,
            maxResults=1,
        )["executions"]
        if found:
            return str(found[0]["executionArn"])
        raise RetrainingError(f"No retraining of this stack is {status}: `make retrain` starts one.")

    def to_resume(self, execution: str) -> dict[str, Any]:
        """Returns the input with which an execution that failed goes on at its last state.

        Raises:
            RetrainingError: It ended at no state that can be entered again.
            UnreadableAccountError: Step Functions refuses.
        """
        last = None
        for event in self._events(execution):
            details = event.get(_ENTERED, {})
            if details.get("name") in RUN_ENTRIES:
                last = details
        if last is None:
            raise RetrainingError(f"{execution} has nothing to go on with: `make retrain` starts a new run.")
        return {"because": "resume", "resume": last["name"], "state": json.loads(last["input"])}

    def follow(self, execution: str) -> RetrainingEnd:
        """Shows the states of an execution until it has ended.

        Raises:
            UnreadableAccountError: Step Functions refuses.
        """
        while (described := self._describe(execution))["status"] in ("RUNNING", "PENDING_REDRIVE"):
            self._show(execution)
            self._wait()
        self._show(execution)
        if described["status"] == "SUCCEEDED":
            told = json.loads(described["output"])
            return RetrainingEnd(
                outcome=told["outcome"], sentence=told["sentence"], told=told, seconds=self._seconds
            )
        outcome = "undone" if described.get("error") == "undone" else "failed"
        cause = described.get("cause") or f"The execution is {described['status']}."
        return RetrainingEnd(outcome=outcome, sentence=cause, told={}, seconds=self._seconds)

    def _show(self, execution: str) -> None:
        for event in self._events(execution):
            if event["id"] <= self._seen:
                continue
            self._seen = event["id"]
            if (name := event.get(_ENTERED, {}).get("name")) in _SHOWN:
                self._entered[name] = event["timestamp"].timestamp()
                self._progress(f"{name} ...")
            elif (name := event.get(_EXITED, {}).get("name")) in self._entered:
                seconds = event["timestamp"].timestamp() - self._entered.pop(name)
                # A state of a loop is entered again.
                self._seconds[name] = round(self._seconds.get(name, 0) + seconds, 1)
                self._progress(f"{name}: {seconds:.1f} s")

    def _events(self, execution: str) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = self._account.read(
                "stepfunctions",
                "get_execution_history",
                action="states:GetExecutionHistory",
                executionArn=execution,
                maxResults=1000,
                **more,
            )
            yield from page["events"]
            if not page.get("nextToken"):
                return
            more = {"nextToken": page["nextToken"]}
