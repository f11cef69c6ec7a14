"""The commands `make pause` and `make wake`: the parameter that they change, and their errors."""

import json
from collections.abc import Callable

import pytest

from stacks.commands.endpoint.__main__ import main
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Done, deployed

Run = Callable[..., Done]


@pytest.fixture
def run(signed_in: None, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001 - sets credentials
    """Runs the command in this process."""

    def run(*words: str, **environ: str) -> Done:
        code = main([*words, "-c", "model=first_model"], {"AWS_REGION": "eu-west-1", **environ})
        return Done(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize(("verb", "before", "after"), [("pause", "false", "true"), ("wake", "true", "false")])
def test_one_parameter_of_the_deployed_template_changes_and_all_else_stays(
    run: Run, aws: AwsServer, verb: str, before: str, after: str
) -> None:
    aws.deploy(
        "FirstModel", deployed("realtime"), status="UPDATE_COMPLETE", Bootstrap="/a/version", Paused=before
    )
    aws.accept_update(("UPDATE_COMPLETE", ""))

    done = run(verb, "--json")

    assert json.loads(done.out) == {"stack": "FirstModel", "paused": after == "true", "changed": True}
    assert (done.code, done.err) == (0, "UPDATE_COMPLETE AWS::SageMaker::Endpoint\n")
    [update] = [call.parameters for call in aws.calls if call.operation == "UpdateStack"]
    assert (update["StackName"], update["UsePreviousTemplate"]) == ("FirstModel", "true")
    assert {key: value for key, value in update.items() if key.startswith("Parameters.")} == {
        "Parameters.member.1.ParameterKey": "Bootstrap",
        "Parameters.member.1.UsePreviousValue": "true",
        "Parameters.member.2.ParameterKey": "Paused",
        "Parameters.member.2.ParameterValue": after,
    }


def test_the_pause_of_a_stack_on_this_machine_says_how_to_wake_it_there(run: Run, aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime"), status="UPDATE_COMPLETE", Paused="false")
    aws.accept_update(("UPDATE_COMPLETE", ""))

    assert "`make wake LOCAL=1` starts the same version." in run("pause", LOCAL="1").out


@pytest.mark.parametrize(("verb", "value"), [("pause", "true"), ("wake", "false")])
def test_what_is_so_already_is_not_updated(run: Run, aws: AwsServer, verb: str, value: str) -> None:
    aws.deploy("FirstModel", deployed("realtime"), Paused=value)

    done = run(verb)

    assert (done.code, done.err) == (0, "")
    assert "already" in done.out
    assert "UpdateStack" not in aws.operations()


@pytest.mark.parametrize(
    ("hosting", "parameters", "sentence"),
    [
        (
            "serverless",
            {},
            (
                "The stack FirstModel has hosting serverless, which costs nothing while nobody asks: there "
                "is nothing to pause."
            ),
        ),
        (
            "lambda",
            {},
            (
                "The stack FirstModel has hosting lambda, which costs nothing while nobody asks: there "
                "is nothing to pause."
            ),
        ),
        (
            "realtime",
            {},
            (
                "The template of stack FirstModel has no parameter Paused: deploy the stack again, then "
                "pause it."
            ),
        ),
        ("", {}, "There is no stack FirstModel in eu-west-1: deploy it, or name another."),
    ],
)
def test_a_stack_without_an_endpoint_to_delete_is_refused(
    run: Run, aws: AwsServer, hosting: str, parameters: dict[str, str], sentence: str
) -> None:
    if hosting:
        aws.deploy("FirstModel", deployed(hosting), **parameters)

    done = run("pause")

    assert (done.code, done.out, done.err) == (1, "", f"{sentence}\n")


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED"),
        # CloudFormation ends so after a deletion that failed, and the endpoint goes on costing.
        ("UPDATE_COMPLETE", "DELETE_FAILED"),
    ],
)
def test_an_update_that_fails_is_an_error_with_its_reason(
    run: Run, aws: AwsServer, status: str, event: str
) -> None:
    aws.deploy("FirstModel", deployed("realtime"), status=status, Paused="true")
    aws.accept_update((event, "no capacity"))

    done = run("wake")

    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == f"Stack FirstModel is {status}: Endpoint {event}: no capacity."


def test_a_refused_update_names_the_action(run: Run, aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime"), Paused="false")
    aws.refuse("UpdateStack", "AccessDenied", "not for you")

    done = run("pause")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("`make pause` ends here: cloudformation:UpdateStack fails: ")
    assert "not for you" in done.err


def test_a_deployment_says_that_the_stack_stays_paused(deploy: Callable[..., Done], aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime"), Paused="true")

    assert "The stack FirstModel is paused and stays so" in deploy().err
