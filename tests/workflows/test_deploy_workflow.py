"""Permissions and conditions of the GitHub workflow."""

import re
from pathlib import Path

import pytest

from tests.workflows.workflow import DEPLOY, ROOT, WORKFLOWS, Job, deploy_job, jobs, load, scripts, uses

REVIEWED = next(
    (ROOT / "tests" / "stacks" / "__snapshots__" / "test_prediction_stack").glob("*prod-realtime*")
)
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
def test_a_job_has_a_time_limit_and_only_a_deployment_may_take_more_than_an_hour(job: Job) -> None:
    is_deployment = "environment" in job

    assert 0 < job["timeout-minutes"] <= (180 if is_deployment else 60)


def test_a_deployment_outlives_an_update_and_its_rollback_and_so_do_its_credentials() -> None:
    deploy, template = deploy_job("deploy"), REVIEWED.read_text()
    [update] = {int(found) for found in re.findall(r'"MaximumExecutionTimeoutInSeconds": (\d+)', template)}
    [role] = [step for step in deploy["steps"] if step.get("uses", "").startswith(ASSUMES_A_ROLE)]
    page = (ROOT / "docs" / "deploy-from-github.md").read_text()
    [longest] = map(int, re.findall(r"--max-session-duration (\d+)", page))

    seconds = 60 * deploy["timeout-minutes"]
    assert 2 * update < seconds <= role["with"]["role-duration-seconds"] <= longest
    assert f"{deploy['timeout-minutes']} minutes" in page


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
    assert re.findall(r"^make \w.*", "\n".join(scripts(test)), re.MULTILINE) == [
        "make check",
        "make test",
        'make synth ARGS="$SETTINGS" && tar -czf assembly.tar.gz cdk.out',
    ]


def test_a_bundle_in_s3_is_left_to_the_job_with_credentials() -> None:
    test, diff, deploy = map(deploy_job, ("test", "diff", "deploy"))

    assert test["outputs"] == {"bundle": "${{ steps.bundle.outputs.place }}"}
    [first, *_] = scripts(test)
    assert 'make --silent .bundle-place ARGS="$SETTINGS"' in first
    assert "::notice::The bundle is in S3" in first
    conditions = {step["if"] for step in test["steps"] if "make synth" in str(step) or "upload" in str(step)}
    assert conditions == {"steps.bundle.outputs.place == 'build'"}
    assert "needs.test.outputs.bundle == 'build'" in diff["if"]
    [synth] = [step for step in deploy["steps"] if "make synth" in step.get("run", "")]
    assert synth["if"] == "needs.test.outputs.bundle == 'build'"


def test_only_pull_requests_of_this_repository_are_compared_if_there_is_a_role() -> None:
    diff = deploy_job("diff")

    assert diff["needs"] == "test"
    assert set(re.split(r"\s*&&\s*", diff["if"])) == {
        "github.event_name == 'pull_request'",
        "github.event.pull_request.head.repo.full_name == github.repository",
        "vars.AWS_DIFF_ROLE_ARN != ''",
        "needs.test.outputs.bundle == 'build'",
    }


def test_the_diff_job_runs_the_cli_of_the_base_branch_and_no_code_of_the_pull_request() -> None:
    diff = deploy_job("diff")

    [checkout] = [step for step in diff["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert checkout["with"]["sparse-checkout"].split() == ["/package.json", "/package-lock.json"]
    assert checkout["with"]["sparse-checkout-cone-mode"] is False
    # What the pull request wrote lies in a folder of its own: a cdk.json or .npmrc of it would be read here.
    [download] = [step for step in diff["steps"] if "download-artifact" in step.get("uses", "")]
    assert download["with"]["path"] == "pulled"
    assert "tar -xzf pulled/assembly.tar.gz -C pulled cdk.out" in scripts(diff)
    assert not any(re.search(r"\b(make|python)\b", script) for script in scripts(diff))
    assert any("npm ci --ignore-scripts" in script for script in scripts(diff))
    assert any("--app pulled/cdk.out --method=template" in script for script in scripts(diff))


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
    assert names.index('make synth ARGS="$SETTINGS"') < role
    assert names[role + 1 :] == ['make deploy ARGS="--require-approval never $SETTINGS"']
    assert steps[role]["with"]["role-to-assume"] == "${{ vars.AWS_DEPLOY_ROLE_ARN }}"
