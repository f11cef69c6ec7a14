"""Definition of the state machine, in Amazon States Language.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stacks.retraining.jobs import JobSettings, judging_job, training_job
from stacks.retraining.states import (
    ANY_ERROR,
    EXECUTION,
    STATE,
    State,
    choice_state,
    job_states,
    step_parameters,
    task_state,
    text_equals,
)
from stacks.settings.retraining.resumable_states import RUN_ENTRIES

# A run may wait for capacity, twice for its longest job, and for the update of an endpoint.
_DAY_SECONDS = 24 * 3600
# Objects of one delivery arrive one after the other, and each starts an execution.
_GATHER_SECONDS = 600
# Another update of the stack, such as a deployment, ends within its canary.
_WHEN_IDLE: Sequence[State] = (
    {"ErrorEquals": ["StackBusyError"], "IntervalSeconds": 30, "MaxAttempts": 120, "BackoffRate": 1},
)
# Of a step without a result; the CDK leaves out a null, which would discard it.
_NOTED = "$.noted"


@dataclass(frozen=True, kw_only=True)
class FunctionArns:
    """ARNs of the functions behind the states."""

    prepare: str
    registrar: str
    releaser: str
    verifier: str
    notifier: str


def definition(functions: FunctionArns, jobs: JobSettings, *, approves: bool) -> State:
    """Returns the definition.

    An execution is started with `because`. It may have `force`, the `package` of an approved version, or
    `resume` with the state to enter again and the `state` that it had.

    Args:
        functions: The functions.
        jobs: What the jobs have in common.
        approves: Whether a version that passes the judge is approved by rule, and not by a person.
    """
    states: dict[str, State] = {
        "Start": choice_state(
            [{"And": [{"Variable": "$.because", "IsPresent": True}, text_equals("$.because", "data")]}],
            ["Gather"],
            "Prepare",
        ),
        "Gather": {"Type": "Wait", "Seconds": _GATHER_SECONDS, "Next": "Prepare"},
        "Prepare": task_state(
            functions.prepare,
            {"input.$": "$$.Execution.Input", "execution.$": EXECUTION, "start.$": "$$.Execution.StartTime"},
            result="$",
            retry=_WHEN_IDLE,
            next="Next",
        ),
        "Next": choice_state(
            [text_equals("$.next", name) for name in RUN_ENTRIES], list(RUN_ENTRIES), "Nothing"
        ),
        **job_states(
            "Train", training_job(jobs), seconds=jobs.timeout_seconds, result="$.trained", next="Judge"
        ),
        **job_states(
            "Judge", judging_job(jobs), seconds=jobs.timeout_seconds, result="$.judged", next="Register"
        ),
        "Register": task_state(
            functions.registrar, step_parameters("register"), result="$.registered", next="Judged"
        ),
        "Judged": choice_state(
            [{"Variable": "$.registered.passes", "BooleanEquals": True}],
            ["Approve" if approves else "Waiting"],
            "Refused",
        ),
        "Approve": task_state(functions.registrar, step_parameters("approve"), result=_NOTED, next="Release"),
        **_release(functions),
        **_undo(functions),
        **_end(functions),
    }
    # Step Functions refuses a state that is never reached.
    del states["Waiting" if approves else "Approve"]
    return {
        "Comment": "Trains, judges, registers, releases and verifies a version of the model",
        "StartAt": "Start",
        "TimeoutSeconds": 2 * jobs.timeout_seconds + 4 * _DAY_SECONDS,
        "States": states,
    }


def _release(functions: FunctionArns) -> dict[str, State]:
    """Returns the states from the update of the stack to its verification.

    From the update on, an error leaves open which version serves; so it ends with the version before.
    """
    return {
        "Release": task_state(
            functions.releaser,
            {
                "version.$": "$.registered.version",
                "replaces.$": "$.run.champion",
                "execution.$": EXECUTION,
                "state": "Release",
            },
            result="$.release",
            retry=_WHEN_IDLE,
            next="Shift",
        ),
        "Shift": task_state(
            functions.verifier,
            {"step": "shift", "version.$": "$.registered.version", "token.$": "$.release.token"},
            result="$.shift",
            next="Shifted",
            on_error="Undo",
        ),
        "Shifted": choice_state(
            [text_equals("$.shift.status", status) for status in ("Updating", "Done", "Stuck")],
            ["Shift", "Verify", "Failed"],
            # CloudFormation has rolled the update back, so the version before serves.
            "Reject",
        ),
        "Verify": task_state(
            functions.verifier,
            {"step": "verify", "version.$": "$.registered.version"},
            result="$.verification",
            next="Verified",
            on_error="Undo",
        ),
        "Verified": choice_state(
            [{"Variable": "$.verification.passes", "BooleanEquals": True}], ["Released"], "Undo"
        ),
    }


def _undo(functions: FunctionArns) -> dict[str, State]:
    return {
        "Undo": task_state(
            functions.releaser,
            {
                "version.$": "$.run.champion",
                "replaces.$": "$.registered.version",
                "execution.$": EXECUTION,
                "state": "Undo",
            },
            result="$.release",
            retry=_WHEN_IDLE,
            next="ShiftBack",
        ),
        "ShiftBack": task_state(
            functions.verifier,
            {"step": "shift", "version.$": "$.run.champion", "token.$": "$.release.token"},
            result="$.undone",
            next="ShiftedBack",
        ),
        "ShiftedBack": choice_state(
            [text_equals("$.undone.status", "Updating"), text_equals("$.undone.status", "Done")],
            ["ShiftBack", "Reject"],
            "Failed",
        ),
        "Reject": task_state(functions.registrar, step_parameters("reject"), result=_NOTED, next="Undone"),
    }


def _end(functions: FunctionArns) -> dict[str, State]:
    outcomes = {
        "Released": "released",
        "Waiting": "awaiting-approval",
        "Refused": "refused",
        "Nothing": "nothing-to-do",
        "Undone": "undone",
        "Failed": "failed",
    }
    return {
        **{
            name: {"Type": "Pass", "Result": outcome, "ResultPath": "$.outcome", "Next": "Notify"}
            for name, outcome in outcomes.items()
        },
        "Notify": {
            **task_state(
                functions.notifier,
                {"outcome.$": "$.outcome", "state.$": STATE, "execution.$": EXECUTION},
                result="$.notified",
                next="Notified",
            ),
            # The outcome that could not be mailed is the end of the execution all the same.
            "Catch": [{"ErrorEquals": [ANY_ERROR], "ResultPath": "$.error", "Next": "Unnotified"}],
        },
        "Notified": choice_state(
            [text_equals("$.outcome", outcomes[name]) for name in ("Undone", "Failed")],
            ["RunFailed", "RunFailed"],
            "RunSucceeded",
        ),
        "RunSucceeded": {"Type": "Succeed", "OutputPath": "$.notified"},
        "RunFailed": {"Type": "Fail", "ErrorPath": "$.notified.outcome", "CausePath": "$.notified.sentence"},
        "Unnotified": {"Type": "Fail", "ErrorPath": "$.outcome", "CausePath": "$.error.Cause"},
    }
