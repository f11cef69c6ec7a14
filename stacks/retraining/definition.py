"""Definition of the state machine, in Amazon States Language.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stacks.retraining.jobs import JobSettings, judging_job, training_job

State = dict[str, Any]

# A run may wait for capacity, twice for its longest job, and for the update of an endpoint.
_DAY_SECONDS = 24 * 3600
# Objects of one delivery arrive one after the other, and each starts an execution.
_GATHER_SECONDS = 600
_CAPACITY_SECONDS = 1800
_MOST_CAPACITY_WAITS = 4
_FUNCTION_SECONDS = 300
# Faults of Lambda itself: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
_LAMBDA_FAULTS = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
# What botocore raises after its own attempts: AWS throttles, or does not answer.
_AWS_FAULTS = (
    "ThrottlingException",
    "ConnectTimeoutError",
    "EndpointConnectionError",
    "ReadTimeoutError",
    "SlowDown",
)
_AGAIN: Sequence[State] = (
    {
        "ErrorEquals": [*_LAMBDA_FAULTS, *_AWS_FAULTS],
        "IntervalSeconds": 5,
        "MaxAttempts": 5,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    },
)
# Another update of the stack, such as a deployment, ends within its canary.
_WHEN_IDLE: Sequence[State] = (
    {"ErrorEquals": ["StackBusyError"], "IntervalSeconds": 30, "MaxAttempts": 120, "BackoffRate": 1},
)
# Throttled requests, and quotas of instances that other jobs use just now.
_JOB_FAULTS: Sequence[State] = (
    {
        "ErrorEquals": ["SageMaker.AmazonSageMakerException", "SageMaker.ResourceLimitExceededException"],
        "IntervalSeconds": 60,
        "MaxAttempts": 5,
        "BackoffRate": 2,
    },
)
_ANY = "States.ALL"
_STATE, _EXECUTION = "$", "$$.Execution.Id"
# Of a step without a result; the CDK leaves out a null, which would discard it.
_NOTED = "$.noted"


@dataclass(frozen=True, kw_only=True)
class FunctionArns:
    """ARNs of the functions behind the states."""

    prepare: str
    registrar: str
    releaser: str
    prover: str
    teller: str


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
        "Start": _choice(
            [{"And": [{"Variable": "$.because", "IsPresent": True}, _equals("$.because", "data")]}],
            ["Gather"],
            "Prepare",
        ),
        "Gather": {"Type": "Wait", "Seconds": _GATHER_SECONDS, "Next": "Prepare"},
        "Prepare": _task(
            functions.prepare,
            {"input.$": "$$.Execution.Input", "execution.$": _EXECUTION, "start.$": "$$.Execution.StartTime"},
            result="$",
            retry=_WHEN_IDLE,
            next="Next",
        ),
        "Next": _choice([_equals("$.next", name) for name in _ENTRIES], list(_ENTRIES), "Nothing"),
        **_job("Train", training_job(jobs), seconds=jobs.timeout_seconds, result="$.trained", next="Judge"),
        **_job("Judge", judging_job(jobs), seconds=jobs.timeout_seconds, result="$.judged", next="Register"),
        "Register": _task(functions.registrar, _step("register"), result="$.registered", next="Judged"),
        "Judged": _choice(
            [{"Variable": "$.registered.passes", "BooleanEquals": True}],
            ["Approve" if approves else "Waiting"],
            "Refused",
        ),
        "Approve": _task(functions.registrar, _step("approve"), result=_NOTED, next="Release"),
        **_release(functions),
        **_undo(functions),
        **_end(functions),
    }
    # Step Functions refuses a state that is never reached.
    del states["Waiting" if approves else "Approve"]
    return {
        "Comment": "Trains, judges, registers, releases and proves a version of the model",
        "StartAt": "Start",
        "TimeoutSeconds": 2 * jobs.timeout_seconds + 4 * _DAY_SECONDS,
        "States": states,
    }


# States with which a run may begin, or begin again.
_ENTRIES = ("Train", "Judge", "Register", "Release", "Prove")


def _release(functions: FunctionArns) -> dict[str, State]:
    """Returns the states from the update of the stack to its proof.

    From the update on, an error leaves open which version serves; so it ends with the version before.
    """
    return {
        "Release": _task(
            functions.releaser,
            {"version.$": "$.registered.version", "execution.$": _EXECUTION, "state": "Release"},
            result="$.release",
            retry=_WHEN_IDLE,
            next="Shift",
        ),
        "Shift": _task(
            functions.prover,
            {"step": "shift", "version.$": "$.registered.version", "token.$": "$.release.token"},
            result="$.shift",
            next="Shifted",
            on_error="Undo",
        ),
        "Shifted": _choice(
            [_equals("$.shift.status", "Updating"), _equals("$.shift.status", "Done")],
            ["Shift", "Prove"],
            # CloudFormation has rolled the update back, so the version before serves.
            "Reject",
        ),
        "Prove": _task(
            functions.prover,
            {"step": "prove", "version.$": "$.registered.version"},
            result="$.proof",
            next="Proven",
            on_error="Undo",
        ),
        "Proven": _choice([{"Variable": "$.proof.passes", "BooleanEquals": True}], ["Released"], "Undo"),
    }


def _undo(functions: FunctionArns) -> dict[str, State]:
    return {
        "Undo": _task(
            functions.releaser,
            {"version.$": "$.run.champion", "execution.$": _EXECUTION, "state": "Undo"},
            result="$.release",
            retry=_WHEN_IDLE,
            next="ShiftBack",
        ),
        "ShiftBack": _task(
            functions.prover,
            {"step": "shift", "version.$": "$.run.champion", "token.$": "$.release.token"},
            result="$.undone",
            next="ShiftedBack",
        ),
        "ShiftedBack": _choice(
            [_equals("$.undone.status", "Updating"), _equals("$.undone.status", "Done")],
            ["ShiftBack", "Reject"],
            "Failed",
        ),
        "Reject": _task(functions.registrar, _step("reject"), result=_NOTED, next="Undone"),
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
            name: {"Type": "Pass", "Result": outcome, "ResultPath": "$.outcome", "Next": "Tell"}
            for name, outcome in outcomes.items()
        },
        "Tell": {
            **_task(
                functions.teller,
                {"outcome.$": "$.outcome", "state.$": _STATE, "execution.$": _EXECUTION},
                result="$.told",
                next="Told",
            ),
            # The outcome that could not be mailed is the end of the execution all the same.
            "Catch": [{"ErrorEquals": [_ANY], "ResultPath": "$.error", "Next": "Untold"}],
        },
        "Told": _choice(
            [_equals("$.outcome", outcomes[name]) for name in ("Undone", "Failed")],
            ["RunFailed", "RunFailed"],
            "RunSucceeded",
        ),
        "RunSucceeded": {"Type": "Succeed", "OutputPath": "$.told"},
        "RunFailed": {"Type": "Fail", "ErrorPath": "$.told.outcome", "CausePath": "$.told.sentence"},
        "Untold": {"Type": "Fail", "ErrorPath": "$.outcome", "CausePath": "$.error.Cause"},
    }


def _task(
    function: str,
    parameters: Mapping[str, Any],
    *,
    result: str,
    next: str,
    retry: Sequence[State] = (),
    on_error: str = "Failed",
) -> State:
    """Returns a state that calls a function, and whose every error leads to another state."""
    return {
        "Type": "Task",
        "Resource": function,
        "Parameters": dict(parameters),
        "TimeoutSeconds": _FUNCTION_SECONDS,
        "Retry": [*retry, *_AGAIN],
        "Catch": [{"ErrorEquals": [_ANY], "ResultPath": "$.error", "Next": on_error}],
        "ResultPath": result,
        "Next": next,
    }


def _job(
    name: str, parameters: Mapping[str, Any], *, seconds: int, result: str, next: str
) -> dict[str, State]:
    """Returns a state that waits for a SageMaker job, and those that repeat it when there was no capacity.

    A job whose program fails is not repeated: it would fail, and cost, again.
    """
    found, wait, count = f"{name}Failed", f"{name}Capacity", f"{name}Again"
    return {
        name: {
            "Type": "Task",
            # It waits for the end of the job: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
            "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
            "Parameters": dict(parameters),
            "ResultSelector": {
                "job.$": "$.TrainingJobName",
                "model.$": "$.ModelArtifacts.S3ModelArtifacts",
            },
            "TimeoutSeconds": seconds,
            "Retry": list(_JOB_FAULTS),
            "Catch": [
                {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": found},
                {"ErrorEquals": [_ANY], "ResultPath": "$.error", "Next": "Failed"},
            ],
            "ResultPath": result,
            "Next": next,
        },
        found: _choice(
            [
                {
                    "And": [
                        {"Variable": "$.error.Cause", "StringMatches": "*CapacityError*"},
                        {"Variable": "$.waits.count", "NumericLessThan": _MOST_CAPACITY_WAITS},
                    ]
                }
            ],
            [wait],
            "Failed",
        ),
        wait: {"Type": "Wait", "Seconds": _CAPACITY_SECONDS, "Next": count},
        count: {
            "Type": "Pass",
            "Parameters": {"count.$": "States.MathAdd($.waits.count, 1)"},
            "ResultPath": "$.waits",
            "Next": name,
        },
    }


def _choice(rules: Sequence[State], nexts: Sequence[str], default: str) -> State:
    choices = [{**rule, "Next": name} for rule, name in zip(rules, nexts, strict=True)]
    return {"Type": "Choice", "Choices": choices, "Default": default}


def _equals(path: str, text: str) -> State:
    return {"Variable": path, "StringEquals": text}


def _step(name: str) -> State:
    return {"step": name, "state.$": _STATE, "execution.$": _EXECUTION}
