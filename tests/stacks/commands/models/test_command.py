"""`python -m stacks.commands.models` where there is nothing to list."""

from collections.abc import Iterator

import pytest

from stacks.commands.models.__main__ import main
from tests.stacks.support.aws_server import AwsServer, serve_aws
from tests.stacks.support.deploy_account import deployed


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    with serve_aws() as server:
        server.reset()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        server.deploy("FirstModel", deployed("realtime"))
        yield server


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        ({}, "The stack FirstModel has no registry yet: deploy it again."),
        (
            {"Models": "first_model,second_model"},
            (
                "The stack FirstModel has several models, which have no registry: deployments release them "
                "together. Its outputs have their versions."
            ),
        ),
    ],
    ids=["old stack", "several models"],
)
def test_a_stack_without_a_registry_says_why(
    aws: AwsServer, capsys: pytest.CaptureFixture[str], outputs: dict[str, str], sentence: str
) -> None:
    aws.outputs = outputs
    aws.deploy("FirstModel", deployed("realtime"))

    code = main(["-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert (code, capsys.readouterr().err) == (1, f"{sentence}\n")


def test_an_empty_registry_says_so(aws: AwsServer, capsys: pytest.CaptureFixture[str]) -> None:
    aws.outputs = {"ModelPackageGroup": "firstmodel-1"}
    aws.deploy("FirstModel", deployed("realtime"))
    aws.respond("ListModelPackages", {"ModelPackageSummaryList": []})

    code = main(["-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert (code, capsys.readouterr().err) == (
        0,
        "The registry firstmodel-1 has no version: deploy the stack, which registers its own.\n",
    )
