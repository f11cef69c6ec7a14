"""docs/deploy-from-github.md: agreement with the workflow, and its shell commands."""

import ast
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.workflows.workflow import DEPLOY, ROOT, load

PAGE = (ROOT / "docs" / "deploy-from-github.md").read_text()
CLAIM = "token.actions.githubusercontent.com:"


def page_files() -> dict[str, Any]:
    """Returns the JSON files of the page by name."""
    blocks = re.findall(r"^`([\w-]+\.json)`:.*?```json\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    return {name: json.loads(text) for name, text in blocks}


def statement(name: str) -> dict[str, Any]:
    """The first statement of a file, which is the only one except in deploy-permissions.json."""
    only, *others = page_files()[name]["Statement"]
    assert not others or name == "deploy-permissions.json"
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
def test_a_role_may_assume_the_roles_of_the_cdk_and_no_other(name: str, roles: set[str]) -> None:
    permissions = statement(name)

    others = page_files()[name]["Statement"][1:]
    assert not [other for other in others if "sts:" in json.dumps(other)]
    resources = permissions["Resource"]
    named = re.findall(r"role/cdk-hnb659fds-([a-z-]+)-role-111122223333-us-east-1\b", json.dumps(resources))
    assert permissions["Action"] == "sts:AssumeRole"
    assert set(named) == roles
    assert len(named) == (1 if isinstance(resources, str) else len(resources))
    assert "*" not in json.dumps(resources)


@pytest.mark.parametrize("subject", ["", "repo:me@12/mine@34"])
def test_the_shell_function_replaces_every_placeholder(tmp_path: Path, subject: str) -> None:
    [function] = re.findall(r"^fill\(\) .*$", PAGE, re.MULTILINE)
    variables = f"REPOSITORY=me/mine REGION=eu-west-1 ACCOUNT=999900001111 STACK=Ours SUBJECT={subject}"
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
    assert not any(
        re.search(r"OWNER|111122223333|us-east-1|(?i:flightdelay)", text) for text in filled.values()
    )
    assert ":endpoint/oursprod" in filled["deploy-permissions.json"]
    assert ":stack/OursProd/*" in filled["deploy-permissions.json"]
    assert f"{subject or 'repo:me/mine'}:pull_request" in filled["diff-trust.json"]


def test_the_page_sets_every_variable_of_the_workflow() -> None:
    read = set(re.findall(r"\bvars\.(\w+)", DEPLOY.read_text()))

    assert read == set(re.findall(r"gh variable set (\w+)", PAGE))


def test_the_page_lists_every_job_and_has_every_file_that_its_commands_read() -> None:
    listed_jobs = set(re.findall(r"^\| (\w+) \|", PAGE, re.MULTILINE)) - {"job"}

    assert listed_jobs == set(load(DEPLOY)["jobs"])
    assert set(page_files()) == {
        "bundle-permissions.json",
        "key-permissions.json",
        *(f"{role}-{kind}.json" for role in ("deploy", "diff") for kind in ("trust", "permissions")),
    }


HERE = "us-east-1:111122223333"
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
CHECKED = {
    "cloudformation:DescribeStacks": f"arn:aws:cloudformation:{HERE}:stack/%s/0a1b",
    "cloudformation:GetTemplate": f"arn:aws:cloudformation:{HERE}:stack/%s/0a1b",
    "cloudformation:ListStackResources": f"arn:aws:cloudformation:{HERE}:stack/%s/0a1b",
    "lambda:GetFunctionConfiguration": f"arn:aws:lambda:{HERE}:function:%s-ModelFunction1A:live",
    "sagemaker:DescribeEndpoint": f"arn:aws:sagemaker:{HERE}:endpoint/%s",
    "ecr:BatchGetImage": f"arn:aws:ecr:{HERE}:repository/cdk-hnb659fds-container-assets-111122223333-%s",
    "apigateway:GET": "arn:aws:apigateway:us-east-1::/%s",
    "servicequotas:ListServiceQuotas": "*",
    "servicequotas:ListAWSDefaultServiceQuotas": "*",
}
OURS = {"sagemaker": ["flightdelay", "flightdelayprod"], "ecr": ["us-east-1"], "apigateway": ["account"]}


def is_allowed(action: str, resource: str, *, name: str = "deploy-permissions.json") -> bool:
    context = EvalContext(
        principal_arn="arn:aws:sts::111122223333:assumed-role/github-deploy/job",
        principal_type="AssumedRole",
        principal_account="111122223333",
        action=action,
        resource_arn=resource,
        region="us-east-1",
    )
    policy = parse_policy_document(page_files()[name])
    return bool(evaluate(context, [policy]).decision == "Allow")


def _deploy_sources() -> list[Path]:
    commands = ROOT / "stacks" / "commands"
    return [*commands.glob("*.py"), *(commands / "after_deployment").glob("*.py")]


def read_actions() -> set[str]:
    """The actions of the calls of `make deploy`, from its source."""
    sources = [path.read_text() for path in _deploy_sources()]
    texts = {
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[a-z]+:[A-Z][A-Za-z]+", text)}


def test_the_deploy_role_may_make_every_check_of_make_deploy_and_no_other_call() -> None:
    # GetCallerIdentity needs no permission.
    assert read_actions() - {"sts:GetCallerIdentity"} == CHECKED.keys()
    granted = {
        action
        for one in page_files()["deploy-permissions.json"]["Statement"]
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert granted == CHECKED.keys() | {"sts:AssumeRole"}


@pytest.mark.parametrize(("action", "resource"), CHECKED.items())
def test_the_deploy_role_reads_the_projects_stacks_only(action: str, resource: str) -> None:
    ours = OURS.get(action.partition(":")[0], ["FlightDelay", "FlightDelayProd"])

    assert all(is_allowed(action, resource.replace("%s", name)) for name in ours)
    assert is_allowed(action, resource.replace("%s", "other")) == ("%s" not in resource)
    assert not is_allowed("s3:GetObject", resource.replace("%s", ours[0]))


def test_the_permission_for_golden_rows_reads_one_api_key_and_nothing_else() -> None:
    keys, name = "arn:aws:apigateway:us-east-1::/apikeys", "key-permissions.json"

    assert is_allowed("apigateway:GET", f"{keys}/APIKEYID", name=name)
    assert not is_allowed("apigateway:GET", f"{keys}/other", name=name)
    assert not is_allowed("apigateway:PATCH", f"{keys}/APIKEYID", name=name)
    assert not is_allowed("apigateway:GET", f"{keys}/APIKEYID")
