import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stacks.commands.deploy import main
from stacks.settings.settings import ROOT
from tests.stacks.support.aws_server import AwsServer, serve_aws

# Prints its arguments and its format of images, and writes the asset manifest of a synthesis.
CDK = """#!{python}
import json, os, pathlib, sys
print("cdk", *sys.argv[1:], os.environ.get("BUILDAH_FORMAT"))
if "--output" in sys.argv:
    folder = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
    folder.mkdir(exist_ok=True)
    names = {{"repositoryName": "assets-${{AWS::AccountId}}-${{AWS::Region}}", "imageTag": "1234"}}
    images = {{"1234": {{"destinations": {{"here": names}}}}}}
    for name in ("FirstModel", "FirstModelProd"):
        (folder / (name + ".assets.json")).write_text(json.dumps({{"dockerImages": images}}))
sys.exit(7 if "--fail" in sys.argv else 0)
"""

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Done(NamedTuple):
    """Exit code and output of the command."""

    code: int
    out: str
    err: str


Deploy = Callable[..., Done]


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    with serve_aws() as aws:
        yield aws


@pytest.fixture
def aws(server: AwsServer) -> AwsServer:
    """An account without stacks, with a high quota, whose registry has the image in Docker's format."""
    server.reset()
    server.respond("ListServiceQuotas", {"Quotas": [quota("ml.m5.large", 100)]})
    push(server, DOCKER)
    return server


def push(aws: AwsServer, media_type: str) -> None:
    aws.respond("BatchGetImage", {"images": [{"imageManifestMediaType": media_type}], "failures": []})


def quota(instance_type: str, value: float) -> dict[str, Any]:
    return {"QuotaName": f"{instance_type} for endpoint usage", "QuotaCode": "L-1", "Value": value}


@pytest.fixture
def deploy(
    tmp_path: Path, aws: AwsServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Deploy:
    """Runs the command in this process with a CDK CLI that only prints its arguments."""
    cdk = tmp_path / "cdk"
    cdk.write_text(CDK.format(python=sys.executable))
    cdk.chmod(0o755)
    monkeypatch.setattr("stacks.commands.deploy._CDK", cdk)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def run(*arguments: str) -> Done:
        code = main(
            ["-c", "model=first_model", "--output", str(tmp_path / "out"), *arguments], dict(os.environ)
        )
        return Done(code, *capfd.readouterr())

    return run


def deployed(
    hosting: str,
    *,
    stage: str = "dev",
    instance_type: str = "ml.m5.large",
    is_scaled: bool = False,
    sets_logging_role: bool = False,
) -> str:
    """The template of a stack."""
    variant: dict[str, Any] = (
        {"InstanceType": instance_type} if hosting == "realtime" else {"ServerlessConfig": {}}
    )
    resources = {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}}
    }
    if is_scaled:
        resources["Target"] = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {}}
    if sets_logging_role:
        resources["Account"] = {"Type": "AWS::ApiGateway::Account", "Properties": {}}
    ours = {"Prediction": {"Hosting": hosting, "Stage": stage}}
    return json.dumps({"Metadata": ours, "Resources": resources if hosting != "lambda" else {}})


def running(aws: AwsServer, instances: int) -> None:
    aws.respond("DescribeEndpoint", {"ProductionVariants": [{"CurrentInstanceCount": instances}]})


def steps(done: Done) -> list[list[str]]:
    """The words of each call of the CDK CLI."""
    return [line.split() for line in done.out.splitlines()]


def test_assets_are_published_with_the_context_that_follows_from_the_account_and_then_deployed(
    deploy: Deploy, aws: AwsServer, tmp_path: Path
) -> None:
    aws.deploy("FirstModel", deployed("lambda"))

    done = deploy("--require-approval", "never")

    assembly = str(tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    assert steps(done) == [
        [
            *["cdk", "publish-assets", "--unstable=publish-assets", "--output", assembly],
            *["--context", "model=first_model"],
            *["--context", "previous_hosting=lambda", "--context", "api_logging_role=own", "docker"],
        ],
        ["cdk", "deploy", "--app", assembly, "--require-approval", "never", "docker"],
    ]


def test_profile_and_region_reach_both_steps(deploy: Deploy) -> None:
    done = deploy("--region", "eu-central-1")

    assert [words[2:4] for words in steps(done)] == [["--region", "eu-central-1"]] * 2


def test_a_failed_publication_ends_the_deployment_with_its_exit_code(
    deploy: Deploy, aws: AwsServer, tmp_path: Path
) -> None:
    (tmp_path / "cdk").write_text((tmp_path / "cdk").read_text().replace('"--fail"', '"publish-assets"'))

    done = deploy()

    assert (done.code, [words[1] for words in steps(done)]) == (7, ["publish-assets"])
    assert "BatchGetImage" not in aws.operations()


@pytest.mark.parametrize(("before", "after"), [("realtime", "serverless"), ("serverless", "realtime")])
def test_a_change_of_hosting_that_needs_a_new_endpoint_is_refused(
    deploy: Deploy, aws: AwsServer, before: str, after: str
) -> None:
    aws.deploy("FirstModel", deployed(before))

    done = deploy("--context", f"hosting={after}")

    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert line.startswith(f"The setting hosting is '{after}', and the deployed stack has {before}")
    assert "deploy under another model name, or destroy the stack first" in line


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_whose_creation_failed_may_change_its_hosting(
    deploy: Deploy, aws: AwsServer, status: str
) -> None:
    aws.deploy("FirstModel", deployed("serverless"), status=status)

    assert deploy("-c", "hosting=realtime").code == 0


@pytest.mark.parametrize("template", ['{"Resources": {}}', "Resources: {}", '{"Metadata": []}'])
def test_a_stack_of_another_application_is_not_updated(deploy: Deploy, aws: AwsServer, template: str) -> None:
    aws.deploy("FirstModel", template)

    done = deploy()

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("The deployed stack FirstModel is another application's")
    assert "set stack_name" in done.err


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("DescribeStacks", "cloudformation:DescribeStacks"),
        ("GetTemplate", "cloudformation:GetTemplate"),
        ("DescribeEndpoint", "sagemaker:DescribeEndpoint"),
        ("GetAccount", "apigateway:GET"),
        ("ListServiceQuotas", "servicequotas:ListServiceQuotas"),
    ],
)
def test_a_check_that_is_not_allowed_ends_the_command_and_names_the_action(
    deploy: Deploy, aws: AwsServer, operation: str, action: str
) -> None:
    if operation == "GetTemplate":
        aws.deploy("FirstModel", deployed("realtime"))
        aws.forget(operation, "FirstModel")
    aws.refuse(operation, "AccessDenied", "not for you")

    done = deploy()

    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert f"{action} fails: " in line
    assert "not for you" in line
    assert "deploy-permissions.json" in line


def test_an_image_that_cannot_be_checked_is_not_deployed(deploy: Deploy, aws: AwsServer) -> None:
    aws.refuse("BatchGetImage", "AccessDeniedException", "not for you")

    done = deploy()

    assert (done.code, [words[1] for words in steps(done)]) == (1, ["publish-assets"])
    assert "ecr:BatchGetImage fails: " in done.err


@pytest.mark.parametrize(
    ("hosting", "media_type"),
    [("realtime", OCI), ("serverless", OCI), ("realtime", INDEX), ("lambda", INDEX)],
)
def test_an_image_of_another_format_is_refused_before_sagemaker_sees_it(
    deploy: Deploy, aws: AwsServer, hosting: str, media_type: str
) -> None:
    push(aws, media_type)

    done = deploy("-c", f"hosting={hosting}")

    assert (done.code, [words[1] for words in steps(done)]) == (1, ["publish-assets"])
    [line] = done.err.splitlines()
    assert f"has a manifest of type {media_type}" in line
    assert (
        "aws ecr batch-delete-image --region eu-west-1 --repository-name assets-111122223333-eu-west-1"
        " --image-ids imageTag=1234"
    ) in line
    [asked] = [call.parameters for call in aws.calls if call.operation == "BatchGetImage"]
    assert asked["imageIds"] == [{"imageTag": "1234"}]
    # Without all types, ECR would convert the manifest, or answer that there is no such image.
    assert {DOCKER, OCI, INDEX} <= set(asked["acceptedMediaTypes"])


def test_an_image_that_was_not_pushed_is_not_deployed(deploy: Deploy, aws: AwsServer) -> None:
    aws.respond("BatchGetImage", {"images": [], "failures": [{"failureCode": "ImageNotFound"}]})

    done = deploy()

    assert (done.code, [words[1] for words in steps(done)]) == (1, ["publish-assets"])
    assert "assets-111122223333-eu-west-1:1234 is not in the registry" in done.err


def test_a_function_accepts_an_image_of_the_oci_format(deploy: Deploy, aws: AwsServer) -> None:
    push(aws, OCI)

    assert deploy("-c", "hosting=lambda").code == 0


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


@pytest.mark.parametrize(
    ("role", "template", "expected"),
    [
        (None, None, "own"),
        ("arn:aws:iam::111122223333:role/logs", None, "account"),
        ("arn:aws:iam::111122223333:role/logs", deployed("realtime"), "account"),
        # The role is this stack's, or has been: an update that leaves it as it is overwrites nothing.
        ("arn:aws:iam::111122223333:role/logs", deployed("realtime", sets_logging_role=True), "own"),
    ],
)
def test_the_accounts_logging_role_is_set_only_if_there_is_none(
    deploy: Deploy, aws: AwsServer, role: str | None, template: str | None, expected: str
) -> None:
    aws.respond("GetAccount", {"cloudwatchRoleArn": role} if role else {})
    if template:
        aws.deploy("FirstModel", template)

    assert f"api_logging_role={expected}" in steps(deploy())[0]


def test_the_setting_of_the_logging_role_is_obeyed_without_a_question(deploy: Deploy, aws: AwsServer) -> None:
    done = deploy("-c", "api_logging_role=account")

    assert [word for word in steps(done)[0] if "logging" in word] == ["api_logging_role=account"]
    assert "GetAccount" not in aws.operations()


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


def test_invalid_settings_are_reported_without_a_call(deploy: Deploy, aws: AwsServer) -> None:
    done = deploy("-c", "stage=prod ", "-c", "instance_count=0")

    assert (done.code, done.out) == (1, "")
    assert [line.split()[2] for line in done.err.splitlines()] == ["stage", "instance_count"]
    assert aws.calls == []


def test_missing_credentials_are_reported_without_a_traceback(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    done = deploy()

    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "Unable to locate credentials" in done.err


def test_the_module_runs_as_a_command_with_help() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stacks.commands.deploy", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "impossible in place" in " ".join(done.stdout.split())
