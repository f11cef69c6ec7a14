"""One rule for the region: AWS_REGION, then AWS_DEFAULT_REGION, as the CDK CLI has it."""

import ast
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smoke.command import _session
from stacks.commands.aws_account import AwsAccount
from tests.inherited_environ import inherited_environ
from training.sagemaker.launcher.aws_client import aws_client

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = [
    ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-west-2"}, "eu-west-1"),
    ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
    ({"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
    ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
]
PROGRAMS: dict[str, Callable[[], str | None]] = {
    "smoke": lambda: _session().region_name,
    "deploy": lambda: AwsAccount(os.environ).region,
    "launcher": lambda: str(aws_client("s3").meta.region_name),
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("environment", "region"), ENVIRONMENTS)
def test_every_program_prefers_aws_region(
    monkeypatch: pytest.MonkeyPatch, program: str, environment: dict[str, str], region: str
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert PROGRAMS[program]() == region


@pytest.mark.usefixtures("node_packages")
@pytest.mark.parametrize(("environment", "region"), ENVIRONMENTS[:3])
def test_the_cdk_cli_has_the_same_rule(tmp_path: Path, environment: dict[str, str], region: str) -> None:
    """The CLI tells the application the region; the application of this test ends the CLI."""
    given = {name: value for name, value in inherited_environ().items() if not name.startswith("AWS_")}
    isolated = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path), "CDK_HOME": str(tmp_path)}

    subprocess.run(
        [str(ROOT / "node_modules" / ".bin" / "cdk"), "list", "--app", "env > environment.txt; exit 1"],
        cwd=tmp_path,
        env=given | isolated | environment,
        capture_output=True,
        check=False,
    )

    found = (tmp_path / "environment.txt").read_text()
    assert re.findall(r"^CDK_DEFAULT_REGION=(.*)$", found, re.MULTILINE) == [region]


def sessions() -> list[tuple[str, ast.Call]]:
    """Every call of boto3.client and boto3.Session in the programs that run with the user's credentials."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for room in ("smoke", "stacks", "training")
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("boto3.client", "boto3.Session")
    ]


def test_no_client_is_made_without_this_rule() -> None:
    made = sessions()

    assert made
    assert [where for where, call in made if "region_name" not in {word.arg for word in call.keywords}] == []
