"""States in Amazon States Language: tasks of functions, SageMaker jobs and choices, with retries and catches.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Aws

State = dict[str, Any]

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
# Errors of botocore after its own attempts: AWS does not answer, or the body of an answer ends early.
_AWS_FAULTS = (
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "IncompleteReadError",
    "ReadTimeoutError",
    "ResponseStreamingError",
)
# Lambda names an error by its class. Throttling of CloudFormation, SageMaker and S3 has none of its own in
# botocore, as most refusals; so they are all repeated, a few times.
_REFUSALS = ("ClientError", "ThrottledException", "TooManyRequestsException")
_AGAIN: Sequence[State] = (
    {
        "ErrorEquals": [*_LAMBDA_FAULTS, *_AWS_FAULTS],
        "IntervalSeconds": 5,
        "MaxAttempts": 5,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    },
    {
        "ErrorEquals": list(_REFUSALS),
        "IntervalSeconds": 5,
        "MaxAttempts": 3,
        "BackoffRate": 3,
        "JitterStrategy": "FULL",
    },
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
ANY_ERROR = "States.ALL"
STATE, EXECUTION = "$", "$$.Execution.Id"


def task_state(
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
        "Catch": [{"ErrorEquals": [ANY_ERROR], "ResultPath": "$.error", "Next": on_error}],
        "ResultPath": result,
        "Next": next,
    }


def job_states(
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
            "Resource": f"arn:{Aws.PARTITION}:states:::sagemaker:createTrainingJob.sync",
            "Parameters": dict(parameters),
            "ResultSelector": {
                "job.$": "$.TrainingJobName",
                "model.$": "$.ModelArtifacts.S3ModelArtifacts",
            },
            "TimeoutSeconds": seconds,
            "Retry": list(_JOB_FAULTS),
            "Catch": [
                {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": found},
                {"ErrorEquals": [ANY_ERROR], "ResultPath": "$.error", "Next": "Failed"},
            ],
            "ResultPath": result,
            "Next": next,
        },
        found: choice_state(
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


def choice_state(rules: Sequence[State], nexts: Sequence[str], default: str) -> State:
    """Returns a state that goes on with the state of the first rule that is met, else with `default`."""
    choices = [{**rule, "Next": name} for rule, name in zip(rules, nexts, strict=True)]
    return {"Type": "Choice", "Choices": choices, "Default": default}


def text_equals(path: str, text: str) -> State:
    """Returns a rule of a choice: the text at a path equals another."""
    return {"Variable": path, "StringEquals": text}


def step_parameters(name: str) -> State:
    """Returns the parameters of a function that does several steps, and gets the whole state of the run."""
    return {"step": name, "state.$": STATE, "execution.$": EXECUTION}
