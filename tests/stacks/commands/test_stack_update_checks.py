"""Updates of a deployed stack that `make deploy` refuses, with the steps to take."""

import pytest

from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Deploy, deployed, quota, running


@pytest.mark.parametrize(("before", "after"), [("realtime", "serverless"), ("serverless", "realtime")])
def test_a_change_of_hosting_that_needs_a_new_endpoint_is_refused(
    deploy: Deploy, aws: AwsServer, before: str, after: str
) -> None:
    aws.deploy("FirstModel", deployed(before))

    done = deploy("--context", f"hosting={after}")

    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert line.startswith(f"The setting hosting is '{after}', and the deployed stack has {before}")
    assert "set stack_name to another name, or destroy the stack first" in line


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_whose_creation_failed_may_change_its_hosting(
    deploy: Deploy, aws: AwsServer, status: str
) -> None:
    aws.deploy("FirstModel", deployed("serverless"), status=status)

    assert deploy("-c", "hosting=realtime").code == 0


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("UPDATE_IN_PROGRESS", "Run `make deploy` again when it is done."),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Run `make deploy` again when it is done."),
        ("DELETE_FAILED", "run `make destroy` again"),
    ],
)
def test_a_stack_that_cloudformation_would_not_update_is_refused_before_anything_is_built(
    deploy: Deploy, aws: AwsServer, status: str, way_out: str
) -> None:
    aws.deploy("FirstModel", deployed("realtime"), status=status)

    done = deploy()

    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert line.startswith(f"The stack FirstModel is {status}: ")
    assert way_out in line


def test_a_first_deployment_beside_an_endpoint_of_its_name_is_refused(deploy: Deploy, aws: AwsServer) -> None:
    aws.serve({})
    running(aws, 1)

    done = deploy()

    assert (done.code, done.out) == (1, "")
    assert "There is an endpoint FirstModel already, which this deployment would create: " in done.err


@pytest.mark.parametrize("template", ['{"Resources": {}}', "Resources: {}", '{"Metadata": []}'])
def test_a_stack_of_another_application_is_not_updated(deploy: Deploy, aws: AwsServer, template: str) -> None:
    aws.deploy("FirstModel", template)

    done = deploy()

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("The deployed stack FirstModel is another application's")
    assert "set stack_name" in done.err


def test_a_canary_of_one_instance_is_refused_with_the_two_steps(deploy: Deploy, aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    running(aws, 1)

    done = deploy("-c", "stage=prod", "-c", "stack_name=FirstModel")

    assert (done.code, done.out) == (1, "")
    assert "its canary would be one of one" in done.err
    assert "1. `-c instance_count=2 -c max_instance_count=2`" in done.err


@pytest.mark.parametrize(
    ("instances", "settings"),
    [
        (2, {"stage": "prod"}),
        # The steps of the refusal.
        (1, {"stage": "prod", "instance_count": "2", "max_instance_count": "2"}),
        (1, {"stage": "dev"}),
        (1, {"stage": "dev", "instance_count": "1", "max_instance_count": "3"}),
    ],
)
def test_updates_whose_canary_is_at_most_half_are_deployed(
    deploy: Deploy, aws: AwsServer, instances: int, settings: dict[str, str]
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    running(aws, instances)

    done = deploy("-c", "stack_name=FirstModel", *(f"-c{name}={value}" for name, value in settings.items()))

    assert (done.code, done.err) == (0, "")


def test_another_instance_type_is_refused_while_the_endpoint_is_scaled(
    deploy: Deploy, aws: AwsServer
) -> None:
    aws.deploy("FirstModelProd", deployed("realtime", stage="prod", is_scaled=True))
    running(aws, 3)

    done = deploy("-c", "stage=prod", "-c", "instance_type=ml.c5.large")

    assert (done.code, done.out) == (1, "")
    assert "1. `-c instance_type=ml.m5.large -c instance_count=3 -c max_instance_count=3`" in done.err
    assert "2. `-c instance_type=ml.c5.large -c instance_count=3 -c max_instance_count=3`" in done.err
    assert "3. `-c instance_type=ml.c5.large`" in done.err


@pytest.mark.parametrize(
    ("is_scaled", "instance_type"), [(False, "ml.c5.large"), (True, "ml.m5.large")], ids=["steps", "same"]
)
def test_an_instance_type_may_change_without_scaling(
    deploy: Deploy, aws: AwsServer, is_scaled: bool, instance_type: str
) -> None:
    aws.respond("ListServiceQuotas", {"Quotas": [quota(instance_type, 100)]})
    aws.deploy("FirstModelProd", deployed("realtime", stage="prod", is_scaled=is_scaled))
    running(aws, 3)

    assert deploy("-c", "stage=prod", "-c", f"instance_type={instance_type}").code == 0


def test_production_does_not_become_dev_in_place(deploy: Deploy, aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime", stage="prod"))
    running(aws, 2)

    done = deploy()

    assert (done.code, done.out) == (1, "")
    assert "the deployed stack FirstModel is in stage prod: set stage to prod" in done.err


def test_production_under_its_former_name_is_not_deployed_a_second_time(
    deploy: Deploy, aws: AwsServer
) -> None:
    aws.deploy("FirstModel", deployed("realtime", stage="prod"))

    done = deploy("-c", "stage=prod")

    assert (done.code, done.out) == (1, "")
    assert "would make a second one, FirstModelProd: set stack_name to FirstModel in cdk.json" in done.err


def test_dev_and_prod_of_one_model_are_deployed_beside_each_other(deploy: Deploy, aws: AwsServer) -> None:
    aws.deploy("FirstModel", deployed("realtime"))

    assert deploy("-c", "stage=prod").code == 0
