import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

import pytest

from stacks.commands.deploy import main
from stacks.settings.settings import ROOT
from tests.stacks.support.cloudformation_server import CloudFormation, serve

CDK = """#!{python}
import sys
print("cdk", *sys.argv[1:])
sys.exit(7 if "--fail" in sys.argv else 0)
"""


class Done(NamedTuple):
    """Exit code and output of the command."""

    code: int
    out: str
    err: str


Deploy = Callable[..., Done]


@pytest.fixture(scope="module")
def cloudformation() -> Iterator[CloudFormation]:
    with serve() as server:
        yield server


@pytest.fixture
def deploy(
    tmp_path: Path,
    cloudformation: CloudFormation,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Deploy:
    """Runs the command in this process with a CDK CLI that only prints its arguments."""
    cdk = tmp_path / "cdk"
    cdk.write_text(CDK.format(python=sys.executable))
    cdk.chmod(0o755)
    monkeypatch.setattr("stacks.commands.deploy._CDK", cdk)
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloudformation.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def run(*arguments: str) -> Done:
        code = main(arguments)
        return Done(code, *capfd.readouterr())

    return run


def deployed(hosting: str) -> str:
    return json.dumps({"Metadata": {"Prediction": {"Hosting": hosting, "Stage": "dev"}}, "Resources": {}})


def test_the_cli_gets_the_hosting_of_the_deployed_stack(
    deploy: Deploy, cloudformation: CloudFormation
) -> None:
    cloudformation.respond(deployed("lambda"))

    done = deploy("-c", "model=first_model", "--require-approval", "never")

    assert (done.code, done.err) == (0, "")
    assert done.out.split() == [
        *["cdk", "deploy", "--context", "previous_hosting=lambda"],
        *["-c", "model=first_model", "--require-approval", "never"],
    ]
    assert cloudformation.stack_names[-1] == "FirstModel"


@pytest.mark.parametrize(("before", "after"), [("realtime", "serverless"), ("serverless", "realtime")])
def test_a_change_of_hosting_that_needs_a_new_endpoint_is_rejected_before_the_cli_starts(
    deploy: Deploy, cloudformation: CloudFormation, before: str, after: str
) -> None:
    cloudformation.respond(deployed(before))

    done = deploy("--context", f"hosting={after}")

    assert (done.code, done.out) == (1, "")
    [line] = done.err.splitlines()
    assert line.startswith(f"The setting hosting is '{after}', and the deployed stack has {before}")
    assert "deploy under another model name, or destroy the stack first" in line


def test_a_stack_that_does_not_exist_yet_is_deployed_without_a_message(
    deploy: Deploy, cloudformation: CloudFormation
) -> None:
    cloudformation.respond_with_error(
        "ValidationError", "Stack with id FirstModel does not exist", HTTPStatus.BAD_REQUEST
    )

    done = deploy("--context", "model=first_model")

    assert (done.code, done.err) == (0, "")
    assert done.out.split() == ["cdk", "deploy", "--context", "model=first_model"]


@pytest.mark.parametrize("template", ['{"Resources": {}}', "Resources: {}", '{"Metadata": []}'])
def test_a_stack_whose_template_names_no_hosting_is_deployed_with_a_warning(
    deploy: Deploy, cloudformation: CloudFormation, template: str
) -> None:
    cloudformation.respond(template)

    done = deploy()

    assert (done.code, done.out.split()) == (0, ["cdk", "deploy"])
    [line] = done.err.splitlines()
    assert "its template names no hosting" in line


def test_an_error_of_cloudformation_is_a_warning_and_the_exit_code_is_the_clis(
    deploy: Deploy, cloudformation: CloudFormation
) -> None:
    cloudformation.respond_with_error("AccessDenied", "not for you", HTTPStatus.FORBIDDEN)

    done = deploy("--fail")

    assert (done.code, done.out.split()) == (7, ["cdk", "deploy", "--fail"])
    [line] = done.err.splitlines()
    assert "not for you" in line


def test_invalid_settings_are_reported_without_a_call_of_cloudformation(
    deploy: Deploy, cloudformation: CloudFormation
) -> None:
    asked = len(cloudformation.stack_names)

    done = deploy("-c", "stage=prod ", "-c", "instance_count=0")

    assert (done.code, done.out) == (1, "")
    assert [line.split()[2] for line in done.err.splitlines()] == ["stage", "instance_count"]
    assert len(cloudformation.stack_names) == asked


def test_the_module_runs_as_a_command_with_help() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stacks.commands.deploy", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "cannot be updated in place" in " ".join(done.stdout.split())
