"""docs/deploy-from-github.md: agreement with the workflow, and its shell commands."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.workflow import DEPLOY, ROOT, load

PAGE = (ROOT / "docs" / "deploy-from-github.md").read_text()
CLAIM = "token.actions.githubusercontent.com:"


def page_files() -> dict[str, Any]:
    """Returns the JSON files of the page by name."""
    blocks = re.findall(r"^`([\w-]+\.json)`:.*?```json\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    return {name: json.loads(text) for name, text in blocks}


def statement(name: str) -> dict[str, Any]:
    [only] = page_files()[name]["Statement"]
    assert only["Effect"] == "Allow"
    return dict(only)


@pytest.mark.parametrize(
    ("name", "subject", "more"),
    [
        ("deploy-trust.json", "repo:OWNER/REPO:environment:production", {"ref": "refs/heads/main"}),
        ("diff-trust.json", "repo:OWNER/REPO:pull_request", {}),
    ],
)
def test_a_role_trusts_one_repository_and_one_kind_of_run(
    name: str, subject: str, more: dict[str, str]
) -> None:
    trust = statement(name)

    claims = {"aud": "sts.amazonaws.com", "sub": subject} | more
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Principal"]["Federated"].endswith("oidc-provider/token.actions.githubusercontent.com")
    assert trust["Condition"] == {"StringEquals": {CLAIM + claim: value for claim, value in claims.items()}}


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("deploy-permissions.json", {"deploy", "file-publishing", "image-publishing", "lookup"}),
        ("diff-permissions.json", {"lookup"}),
    ],
)
def test_a_role_may_only_assume_roles_of_the_cdk(name: str, roles: set[str]) -> None:
    permissions = statement(name)

    resources = permissions["Resource"]
    named = re.findall(r"role/cdk-hnb659fds-([a-z-]+)-role-111122223333-us-east-1\b", json.dumps(resources))
    assert permissions["Action"] == "sts:AssumeRole"
    assert set(named) == roles
    assert len(named) == (1 if isinstance(resources, str) else len(resources))
    assert "*" not in json.dumps(resources)


@pytest.mark.parametrize("subject", ["", "repo:me@12/mine@34"])
def test_the_shell_function_replaces_every_placeholder(tmp_path: Path, subject: str) -> None:
    [function] = re.findall(r"^fill\(\) .*$", PAGE, re.MULTILINE)
    variables = f"REPOSITORY=me/mine REGION=eu-west-1 ACCOUNT=999900001111 SUBJECT={subject}"
    for name, content in page_files().items():
        (tmp_path / name).write_text(json.dumps(content))

    filled = {
        name: subprocess.run(
            ["bash", "-c", f"{variables}\n{function}\nfill {name}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        ).stdout
        for name in page_files()
    }

    assert all(json.loads(text)["Statement"] for text in filled.values())
    assert not any(re.search(r"OWNER|111122223333|us-east-1", text) for text in filled.values())
    assert f"{subject or 'repo:me/mine'}:pull_request" in filled["diff-trust.json"]


def test_the_page_sets_every_variable_of_the_workflow() -> None:
    read = set(re.findall(r"\bvars\.(\w+)", DEPLOY.read_text()))

    assert read == set(re.findall(r"gh variable set (\w+)", PAGE))


def test_the_page_lists_every_job_and_has_every_file_that_its_commands_read() -> None:
    listed_jobs = set(re.findall(r"^\| (\w+) \|", PAGE, re.MULTILINE)) - {"job"}

    assert listed_jobs == set(load(DEPLOY)["jobs"])
    assert set(page_files()) == {
        f"{role}-{kind}.json" for role in ("deploy", "diff") for kind in ("trust", "permissions")
    }
