"""What `make deploy` says about the configuration that serves after the CDK CLI."""

from typing import Any

import pytest

from stacks.commands.after_deployment.live_configuration import check_deployment
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Deploy, deployed

ALARM = "The deployment was rolled back because of alarms in ALARM state: errors."
OLD = "the last update of endpoint FirstModel was rolled back and it serves the OLD configuration"


@pytest.mark.parametrize("hosting", ["realtime", "serverless"])
def test_an_endpoint_with_the_stacks_configuration_is_reported(
    deploy: Deploy, aws: AwsServer, hosting: str
) -> None:
    aws.deploy("FirstModel", deployed(hosting))

    done = deploy("-c", f"hosting={hosting}")

    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("endpoint FirstModel is InService with the stack's configuration Config.\n")


@pytest.mark.parametrize(
    ("endpoint", "found"),
    [
        (
            {"EndpointConfigName": "Former", "FailureReason": ALARM},
            f"{OLD} Former: {ALARM}",
        ),
        (
            {"EndpointConfigName": "Foreign"},
            "endpoint FirstModel serves configuration Foreign and the stack has",
        ),
    ],
)
def test_another_configuration_fails_the_deployment_and_names_what_serves(
    deploy: Deploy, aws: AwsServer, endpoint: dict[str, Any], found: str
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    aws.serve(endpoint)

    done = deploy()

    assert done.code == 1
    [sentence] = done.err.splitlines()
    assert sentence.startswith(f"The deployment has ended, but {found}")
    assert sentence.endswith("because CloudFormation skips a template without a change.")


def test_a_rolled_back_deployment_names_the_configuration_that_serves_and_the_reason(
    deploy: Deploy, aws: AwsServer
) -> None:
    aws.deploy("FirstModel", deployed("realtime"), status="UPDATE_ROLLBACK_COMPLETE")
    aws.serve({"FailureReason": ALARM})

    done = deploy("--fail")

    assert done.code == 1
    assert done.err == (
        f"The deployment of FirstModel failed: {OLD} Config: {ALARM} "
        "Read the messages of the CDK above, remove the cause, and run `make deploy` again.\n"
    )


def test_an_earlier_rollback_does_not_fail_a_deployment_after_which_the_stacks_configuration_serves(
    deploy: Deploy, aws: AwsServer
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    aws.serve({"FailureReason": ALARM})

    done = deploy()

    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"{ALARM}\n")


def test_a_failed_deployment_names_the_configuration_that_still_serves(
    deploy: Deploy, aws: AwsServer
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))

    done = deploy("--fail")

    assert done.code == 1
    assert (
        "FirstModel failed: endpoint FirstModel is InService with the stack's configuration Config."
        in done.err
    )


def test_a_failed_creation_leaves_nothing_that_serves_and_a_change_set_alone_is_no_failure(
    deploy: Deploy, aws: AwsServer
) -> None:
    failed, reviewed = deploy("--fail"), deploy("--no-execute")

    assert (failed.code, reviewed.code, reviewed.err) == (1, 0, "")
    assert failed.err.startswith(
        "The deployment failed and nothing serves, because there is no stack FirstModel."
    )
    assert "ListStackResources" not in aws.operations()


def test_a_paused_stack_is_named_as_paused(deploy: Deploy, aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime"), Paused="true")

    done, failed = deploy(), deploy("--fail")

    assert (done.code, failed.code) == (0, 1)
    assert done.out.endswith("FirstModel is paused, and nothing serves until `make wake`.\n")
    assert "The deployment of FirstModel failed: FirstModel is paused" in failed.err


@pytest.mark.parametrize(
    ("configuration", "code", "found"),
    [
        (
            {"Version": "7", "State": "Active", "LastUpdateStatus": "Successful"},
            *(0, "version 7 of function FirstModel is Active"),
        ),
        (
            {"State": "Failed", "LastUpdateStatus": "Successful", "StateReason": "no snapshot"},
            *(1, "function FirstModel is Failed, its last update Successful: no snapshot"),
        ),
        (
            {"State": "Active", "LastUpdateStatus": "Successful", "Environment": {"Variables": {"A": "1"}}},
            *(1, "function FirstModel does not have the template's environment: A"),
        ),
    ],
)
def test_a_functions_version_is_compared_with_the_template(
    deploy: Deploy, aws: AwsServer, configuration: dict[str, Any], code: int, found: str
) -> None:
    aws.deploy("FirstModel", deployed("lambda"))
    aws.respond("GetFunctionConfiguration", configuration)

    done = deploy("-c", "hosting=lambda")

    assert done.code == code
    assert found in (done.err if code else done.out)


# Credentials that were exported for an hour expire in a deployment.
REFUSALS = [
    ("AccessDenied", "To go on, allow the actions of deploy-permissions.json"),
    ("ExpiredToken", "To go on, sign in again"),
]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDenied", "allow cloudformation:ListStackResources and lambda:GetFunctionConfiguration to "),
        REFUSALS[1],
    ],
)
def test_a_check_that_is_refused_afterwards_names_the_way_out(
    deploy: Deploy, aws: AwsServer, code: str, advice: str
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    aws.forget("ListStackResources", "FirstModel")
    aws.refuse("ListStackResources", code, "not for you")

    done = deploy()

    assert done.code == 1
    [line] = done.err.splitlines()
    assert f"cannot check what serves: An error occurred ({code})" in line
    assert advice in line
    assert line.endswith("and run `make smoke`.")


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(("code", "advice"), REFUSALS)
def test_a_stack_that_cannot_be_read_afterwards_is_not_said_to_be_undeployed(
    aws: AwsServer, code: str, advice: str
) -> None:
    aws.refuse("DescribeStacks", code, "not for you")

    with pytest.raises(UnreadableAccountError) as raised:
        check_deployment(AwsAccount({"AWS_REGION": "eu-west-1"}), "FirstModel", models=["a"], failed=False)

    assert str(raised.value).startswith("The CDK CLI has ended, and `make deploy` cannot check what serves: ")
    assert advice in str(raised.value)
