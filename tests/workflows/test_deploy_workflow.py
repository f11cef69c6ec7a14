"""Permissions and conditions of the GitHub workflow."""

import re
from pathlib import Path

import pytest

from tests.workflows.workflow import DEPLOY, ROOT, WORKFLOWS, Job, deploy_job, jobs, load, scripts, uses

ASSUMES_A_ROLE = "aws-actions/configure-aws-credentials"

EVERY_JOB = pytest.mark.parametrize("job", [pytest.param(job, id=name) for name, job in jobs()])


def test_every_action_is_pinned_to_a_commit_with_its_version_in_a_comment() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for line in path.read_text().splitlines():
            if "uses:" in line:
                found = re.fullmatch(r"\s*-? ?uses: ([\w-]+/[\w-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)", line)
                assert found, line
                pins.setdefault(found[1], set()).add(found[2])

    assert pins
    assert {action: pin for action, pin in pins.items() if len(pin) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_read_permission_by_default(path: Path) -> None:
    assert load(path)["permissions"] == {"contents": "read"}


@EVERY_JOB
def test_only_jobs_that_assume_a_role_get_an_id_token(job: Job) -> None:
    permissions = job.get("permissions", {})

    assert (permissions.get("id-token") == "write") == (ASSUMES_A_ROLE in uses(job))


@EVERY_JOB
def test_only_the_job_that_comments_may_write_to_pull_requests(job: Job) -> None:
    permissions = job.get("permissions", {})
    writes = {name for name, right in permissions.items() if right != "read"} - {"id-token"}

    assert writes == ({"pull-requests"} if "actions/github-script" in uses(job) else set())
    assert ("contents" in permissions or not permissions) == ("actions/checkout" in uses(job))


@EVERY_JOB
def test_a_job_ends_within_the_hour(job: Job) -> None:
    assert 0 < job["timeout-minutes"] <= 60


@EVERY_JOB
def test_a_checkout_leaves_no_credentials_behind(job: Job) -> None:
    checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@EVERY_JOB
def test_no_expression_is_written_into_a_script(job: Job) -> None:
    assert [script for script in scripts(job) if "${{" in script] == []


@EVERY_JOB
def test_every_make_command_is_a_target(job: Job) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = {verb for script in scripts(job) for verb in re.findall(r"\bmake ([a-z]+)", script)}

    assert named <= targets


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_gives_a_fork_permissions_or_uses_secrets(path: Path) -> None:
    text = path.read_text()

    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert "secrets." not in text


def test_pull_requests_and_main_are_tested() -> None:
    assert load(DEPLOY)["on"] == {"pull_request": None, "push": {"branches": ["main"]}}
    test = deploy_job("test")
    assert "if" not in test
    assert [script for script in scripts(test) if script.startswith("make")] == [
        "make check",
        "make test",
        "make synth",
    ]


def test_only_pull_requests_of_this_repository_are_compared_if_there_is_a_role() -> None:
    diff = deploy_job("diff")

    assert diff["needs"] == "test"
    assert set(re.split(r"\s*&&\s*", diff["if"])) == {
        "github.event_name == 'pull_request'",
        "github.event.pull_request.head.repo.full_name == github.repository",
        "vars.AWS_DIFF_ROLE_ARN != ''",
    }


def test_the_diff_job_runs_no_code_of_the_project() -> None:
    diff = deploy_job("diff")

    assert "actions/checkout" not in uses(diff)
    assert not any(re.search(r"\b(make|python)\b", script) for script in scripts(diff))
    assert any("npm ci --ignore-scripts" in script for script in scripts(diff))
    assert any("--app cdk.out --method=template" in script for script in scripts(diff))


def test_only_main_is_deployed_after_the_tests_and_one_deployment_at_a_time() -> None:
    deploy = deploy_job("deploy")

    assert deploy["needs"] == "test"
    assert deploy["if"] == "github.event_name == 'push' && vars.AWS_DEPLOY_ROLE_ARN != ''"
    assert deploy["environment"] == "production"
    assert deploy["concurrency"] == {"group": "deploy-production", "cancel-in-progress": False}


def test_a_role_is_assumed_after_everything_is_built() -> None:
    steps = deploy_job("deploy")["steps"]

    names = [step.get("run", step.get("uses", "")) for step in steps]
    [role] = [index for index, name in enumerate(names) if name.startswith(ASSUMES_A_ROLE)]
    assert names.index("make synth") < role
    assert names[role + 1 :] == ["make deploy ARGS='--require-approval never'"]
    assert steps[role]["with"]["role-to-assume"] == "${{ vars.AWS_DEPLOY_ROLE_ARN }}"
