"""`python -m stacks.commands.deploy` with an account and a CDK CLI of its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks.commands.deploy import main
from tests.stacks.support.aws_server import AwsServer, serve_aws
from tests.stacks.support.deploy_account import DOCKER, Deploy, Done, push, quota
from tests.stacks.support.service_models import shared_service_models

# Prints its arguments and its format of images, and writes the asset manifest of a synthesis. A deployment
# lasts until something is written to the pipe that CDK_PIPE names.
CDK = """#!{python}
import json, os, pathlib, signal, sys
names = [name for name in ("BUILDAH_FORMAT", "BUNDLE_PROFILE") if name in os.environ]
print("cdk", *sys.argv[1:], *(os.environ[name] for name in names))
if "--output" in sys.argv:
    folder = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
    folder.mkdir(exist_ok=True)
    names = {{"repositoryName": "assets-${{AWS::AccountId}}-${{AWS::Region}}", "imageTag": "1234"}}
    images = {{"1234": {{"destinations": {{"here": names}}}}}}
    for name in ("FirstModel", "FirstModelProd"):
        (folder / (name + ".assets.json")).write_text(json.dumps({{"dockerImages": images}}))
if "deploy" in sys.argv and "CDK_PIPE" in os.environ:
    signal.alarm(60)
    pathlib.Path(os.environ["CDK_PIPE"]).read_text()
sys.exit(7 if "--fail" in sys.argv else 0)
"""


@pytest.fixture(scope="module", autouse=True)
def service_models() -> Iterator[None]:
    """Reads the description of each AWS service once: each command opens a session."""
    with shared_service_models():
        yield


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


@pytest.fixture
def signed_in(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of the account in the environment, and the address of its server."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def deploy(
    tmp_path: Path,
    signed_in: None,  # noqa: ARG001 - sets credentials
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Deploy:
    """Runs the command in this process with a CDK CLI that only prints its arguments."""
    cdk = tmp_path / "cdk"
    cdk.write_text(CDK.format(python=sys.executable))
    cdk.chmod(0o755)
    monkeypatch.setattr("stacks.commands.deploy._CDK", cdk)
    monkeypatch.setenv("CDK_DOCKER", sys.executable)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")

    def run(*arguments: str) -> Done:
        code = main(
            ["-c", "model=first_model", "--output", str(tmp_path / "out"), *arguments], dict(os.environ)
        )
        return Done(code, *capfd.readouterr())

    return run
