"""State machines of the tests: with a role of their own, run to their end."""

import json
from collections.abc import Mapping
from typing import Any

from local.local_aws import LocalAws
from tests.local.iam.roles import make_role, trust
from tests.local.polling import until


def task(resource: str, parameters: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A state machine of one task; a resource without ARN is an integration of Step Functions."""
    arn = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    state = {"Type": "Task", "Resource": arn, "Parameters": dict(parameters or {}), "End": True, **more}
    return {"StartAt": "Task", "States": {"Task": state}}


def start(aws: LocalAws, name: str, definition: Mapping[str, Any], *statements: Mapping[str, Any]) -> str:
    """Starts an execution of a new state machine, whose role has the statements; returns its ARN."""
    states = aws.client("stepfunctions")
    role = make_role(aws, trust("states"), *statements)
    machine = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
    started: str = states.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")[
        "executionArn"
    ]
    return started


def ended(aws: LocalAws, execution: str) -> dict[str, Any]:
    """Waits for the end of an execution; returns its description."""
    states = aws.client("stepfunctions")
    until(lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING")
    found: dict[str, Any] = states.describe_execution(executionArn=execution)
    return found


def run(
    aws: LocalAws, name: str, definition: Mapping[str, Any], *statements: Mapping[str, Any]
) -> dict[str, Any]:
    """Runs a new state machine, whose role has the statements; returns its description when it has ended."""
    return ended(aws, start(aws, name, definition, *statements))
