"""The command `make deploy`: its steps, its checks and its errors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.settings.settings import ROOT
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Deploy, deployed, steps


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


def test_the_profile_reaches_the_download_of_a_bundle_too(
    deploy: Deploy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile other]\naws_access_key_id = test\naws_secret_access_key = test\n", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    published, _ = steps(deploy("--profile", "other"))

    assert published[2:4] == ["--profile", "other"]
    # The CDK CLI gives its application no profile.
    assert published[-1] == "other"


def test_a_failed_publication_ends_the_deployment_with_its_exit_code(
    deploy: Deploy, aws: AwsServer, tmp_path: Path
) -> None:
    (tmp_path / "cdk").write_text((tmp_path / "cdk").read_text().replace('"--fail"', '"publish-assets"'))

    done = deploy()

    assert (done.code, [words[1] for words in steps(done)]) == (7, ["publish-assets"])
    assert "BatchGetImage" not in aws.operations()


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


def test_invalid_settings_are_reported_without_a_call(deploy: Deploy, aws: AwsServer) -> None:
    done = deploy("-c", "stage=prod ", "-c", "instance_count=0")

    assert (done.code, done.out) == (1, "")
    assert [line.split()[2] for line in done.err.splitlines()] == ["stage", "instance_count"]
    assert aws.calls == []


def test_an_image_without_a_builder_is_refused_before_any_call_and_a_zip_needs_none(
    deploy: Deploy, aws: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DOCKER", "no-such-builder")

    refused = deploy()
    assert refused.code == 1
    assert "builds a container image, and there is no program no-such-builder: install Docker" in refused.err
    assert aws.calls == []
    assert deploy("-c", "hosting=lambda", "-c", "packaging=image").code == 1
    assert deploy("-c", "hosting=lambda").code == 0
    retrained = deploy("-c", "hosting=lambda", "-c", "retrain=manual", "-c", "data=own")
    assert "deploy a zip with HOSTING=lambda and without retrain" in retrained.err


def test_a_missing_region_is_reported_in_one_sentence(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)

    done = deploy()

    assert (done.code, done.out) == (1, "")
    [sentence] = done.err.splitlines()
    assert sentence.startswith("No region is named: name one")


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
