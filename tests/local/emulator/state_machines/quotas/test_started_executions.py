"""StartExecution: refuses names and inputs as Step Functions does, and starts nothing twice."""

import json

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.iam.roles import make_role, trust

WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}


@pytest.fixture
def machine(aws: LocalAws, request: pytest.FixtureRequest) -> str:
    """A state machine whose executions wait."""
    states = aws.client("stepfunctions")
    made = states.create_state_machine(
        name=f"waits-{abs(hash(request.node.name))}",
        definition=json.dumps(WAIT),
        roleArn=make_role(aws, trust("states")),
    )
    return str(made["stateMachineArn"])


@pytest.mark.parametrize(
    ("name", "given", "code", "words"),
    [
        ("a b", "{}", "InvalidName", "Invalid Name: 'a b'"),
        ("a/b", "{}", "InvalidName", "Invalid Name: 'a/b'"),
        ("x" * 81, "{}", "ValidationException", "Value at 'name' failed to satisfy constraint: Member must"),
        ("a", "no JSON", "InvalidExecutionInput", "Invalid State Machine Execution Input: '"),
        (
            "a",
            f'"{"x" * (256 << 10)}"',
            "ValidationException",
            "must have length less than or equal to 262144",
        ),
    ],
)
def test_a_wrong_name_or_input_is_refused(
    aws: LocalAws, machine: str, name: str, given: str, code: str, words: str
) -> None:
    with pytest.raises(ClientError) as refused:
        aws.client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input=given)

    assert refused.value.response["Error"]["Code"] == code
    assert words in refused.value.response["Error"]["Message"]


def test_the_same_request_starts_one_execution_and_another_input_is_refused(
    aws: LocalAws, machine: str
) -> None:
    states = aws.client("stepfunctions")
    first = states.start_execution(stateMachineArn=machine, name="once", input='{"a": 1}')
    again = states.start_execution(stateMachineArn=machine, name="once", input='{"a": 1}')

    assert again["executionArn"] == first["executionArn"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name="once", input='{"a": 2}')
    states.stop_execution(executionArn=first["executionArn"])
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name="once", input='{"a": 1}')
