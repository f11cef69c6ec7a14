"""The quota of instances, which `make deploy` compares with the settings."""

import pytest

from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Deploy, deployed, quota, running


@pytest.mark.parametrize(
    ("instances", "settings", "value", "needed"),
    [
        (0, {}, 0, 1),
        (1, {}, 1, 2),
        (2, {"stage": "prod"}, 3, 4),
        (4, {"stage": "prod"}, 7, 8),
        (0, {"instance_count": "3"}, 2, 3),
    ],
)
def test_a_quota_below_this_deployment_refuses_it(
    deploy: Deploy, aws: AwsServer, instances: int, settings: dict[str, str], value: int, needed: int
) -> None:
    aws.respond("ListServiceQuotas", {"Quotas": [quota("ml.m5.large", value)]})
    if instances:
        stage = settings.get("stage", "dev")
        name = "FirstModelProd" if stage == "prod" else "FirstModel"
        aws.deploy(name, deployed("realtime", stage=stage, is_scaled=stage == "prod"))
        running(aws, instances)

    done = deploy(*(f"-c{name}={value}" for name, value in settings.items()))

    assert (done.code, done.out) == (1, "")
    assert f"in eu-west-1 is {value}, and this deployment needs {needed}: request " in done.err


@pytest.mark.parametrize(("settings", "value", "wanted"), [({}, 1, 2), ({"stage": "prod"}, 7, 8)])
def test_a_quota_below_a_later_update_is_a_warning_with_the_request_to_make(
    deploy: Deploy, aws: AwsServer, settings: dict[str, str], value: int, wanted: int
) -> None:
    aws.respond("ListServiceQuotas", {"Quotas": [quota("ml.m5.large", value)]})

    done = deploy(*(f"-c{name}={value}" for name, value in settings.items()))

    assert done.code == 0
    [line] = done.err.splitlines()
    assert f"an update at max_instance_count needs {wanted}" in line
    assert (
        "aws service-quotas request-service-quota-increase --region eu-west-1 --service-code sagemaker "
        f"--quota-code L-1 --desired-value {wanted}"
    ) in line


def test_twice_the_largest_number_of_instances_is_enough(deploy: Deploy, aws: AwsServer) -> None:
    aws.respond("ListServiceQuotas", {"Quotas": [quota("ml.m5.large", 8)]})

    done = deploy("-c", "stage=prod")

    assert (done.code, done.err) == (0, "")


def test_an_account_without_a_quota_of_its_own_has_the_default(deploy: Deploy, aws: AwsServer) -> None:
    aws.respond("ListServiceQuotas", {"Quotas": [quota("ml.c5.large", 9)]})
    aws.respond("ListAWSDefaultServiceQuotas", {"Quotas": [quota("ml.m5.large", 0)]})

    assert "in eu-west-1 is 0, and this deployment needs 1" in deploy().err


def test_an_unknown_quota_is_named_and_does_not_end_the_deployment(deploy: Deploy, aws: AwsServer) -> None:
    aws.respond("ListServiceQuotas", {"Quotas": []})

    done = deploy()

    assert done.code == 0
    assert "has no quota 'ml.m5.large for endpoint usage' in eu-west-1, so it is not checked" in done.err


@pytest.mark.parametrize("hosting", ["serverless", "lambda"])
def test_hostings_without_instances_need_no_quota_of_them(
    deploy: Deploy, aws: AwsServer, hosting: str
) -> None:
    assert deploy("-c", f"hosting={hosting}").code == 0
    assert not {"ListServiceQuotas", "DescribeEndpoint"} & set(aws.operations())


@pytest.mark.parametrize(
    ("spot", "usage"), [("false", "training job usage"), ("true", "spot training job usage")]
)
def test_a_quota_without_room_for_a_retraining_is_a_warning(
    deploy: Deploy, aws: AwsServer, spot: str, usage: str
) -> None:
    # New accounts have none of most instance types.
    aws.respond("ListServiceQuotas", {"Quotas": [quota("ml.m5.xlarge", 0, usage=usage)]})
    settings = ("hosting=lambda", "retrain=manual", "data=own", f"training_spot={spot}")

    done = deploy(*(word for setting in settings for word in ("-c", setting)))

    assert done.code == 0
    assert f"'ml.m5.xlarge for {usage}' in eu-west-1 is 0, and a retraining needs 1: request 1" in done.err
