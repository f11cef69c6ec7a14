import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from stacks.settings.settings import ROOT
from tests.stacks.cloudformation import CloudFormation, serve

CDK = """#!{python}
import sys
print("cdk", *sys.argv[1:])
sys.exit(7 if "--fail" in sys.argv else 0)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with a CDK CLI that only says what it was asked."""
    for room in ("stacks", "api", "bundle"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "cdk.json", tmp_path)
    cdk = tmp_path / "node_modules" / ".bin" / "cdk"
    cdk.parent.mkdir(parents=True)
    cdk.write_text(CDK.format(python=sys.executable))
    cdk.chmod(0o755)
    return tmp_path


@pytest.fixture(scope="module")
def cloudformation() -> Iterator[CloudFormation]:
    with serve() as server:
        yield server


def deploy(
    checkout: Path, cloudformation: CloudFormation, *arguments: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        "AWS_ENDPOINT_URL": cloudformation.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, "-m", "stacks.commands.deploy", *arguments],
        cwd=checkout,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def deployed(hosting: str) -> str:
    return json.dumps({"Metadata": {"Prediction": {"Hosting": hosting, "Stage": "dev"}}, "Resources": {}})


def test_the_cli_is_told_what_the_deployed_stack_has(checkout: Path, cloudformation: CloudFormation) -> None:
    cloudformation.tell(deployed("lambda"))

    done = deploy(checkout, cloudformation, "-c", "model=first_model", "--require-approval", "never")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [
        *["cdk", "deploy", "--context", "previous_hosting=lambda"],
        *["-c", "model=first_model", "--require-approval", "never"],
    ]
    assert cloudformation.stack_names[-1] == "FirstModel"


@pytest.mark.parametrize(("before", "after"), [("realtime", "serverless"), ("serverless", "realtime")])
def test_a_change_that_sagemaker_does_not_make_in_place_is_refused_before_the_cli_is_started(
    checkout: Path, cloudformation: CloudFormation, before: str, after: str
) -> None:
    cloudformation.tell(deployed(before))

    done = deploy(checkout, cloudformation, "--context", f"hosting={after}")

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"The setting hosting is '{after}', and the deployed stack has {before}")
    assert "deploy under another model name, or destroy the stack first" in line


def test_a_stack_that_is_not_there_yet_is_nothing_to_speak_of(
    checkout: Path, cloudformation: CloudFormation
) -> None:
    cloudformation.refuse(
        "ValidationError", "Stack with id FirstModel does not exist", HTTPStatus.BAD_REQUEST
    )

    done = deploy(checkout, cloudformation, "--context", "model=first_model")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["cdk", "deploy", "--context", "model=first_model"]


@pytest.mark.parametrize("template", ['{"Resources": {}}', "Resources: {}", '{"Metadata": []}'])
def test_a_stack_that_does_not_say_is_deployed_with_a_sentence(
    checkout: Path, cloudformation: CloudFormation, template: str
) -> None:
    cloudformation.tell(template)

    done = deploy(checkout, cloudformation)

    assert (done.returncode, done.stdout.split()) == (0, ["cdk", "deploy"])
    [line] = done.stderr.splitlines()
    assert "its template does not say" in line


def test_an_account_that_cannot_be_asked_is_the_clis_to_complain_about(
    checkout: Path, cloudformation: CloudFormation
) -> None:
    cloudformation.refuse("AccessDenied", "not for you", HTTPStatus.FORBIDDEN)

    done = deploy(checkout, cloudformation, "--fail")

    assert (done.returncode, done.stdout.split()) == (7, ["cdk", "deploy", "--fail"])
    [line] = done.stderr.splitlines()
    assert "not for you" in line


def test_wrong_settings_are_said_before_anything_is_asked(
    checkout: Path, cloudformation: CloudFormation
) -> None:
    asked = len(cloudformation.stack_names)

    done = deploy(checkout, cloudformation, "-c", "stage=prod ", "-c", "instance_count=0")

    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split()[2] for line in done.stderr.splitlines()] == ["stage", "instance_count"]
    assert len(cloudformation.stack_names) == asked


def test_help_says_what_it_does_beyond_the_cli(checkout: Path, cloudformation: CloudFormation) -> None:
    done = deploy(checkout, cloudformation, "--help")

    assert done.returncode == 0
    assert "cannot be updated in place" in done.stdout
