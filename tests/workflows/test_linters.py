"""zizmor and jactionlint, which has actionlint's checks, over the workflows; both without network."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.workflow import DEPLOY, WORKFLOWS

PROGRAMS = Path(sys.executable).parent
# shellcheck and pyflakes would be used if a machine happens to have them.
JACTIONLINT = ("jactionlint", "--shellcheck=", "--pyflakes=")
ZIZMOR = ("zizmor", "--offline", "--persona", "pedantic", "--no-progress")
LINTERS = pytest.mark.parametrize("command", [JACTIONLINT, ZIZMOR], ids=["jactionlint", "zizmor"])


def lint(command: tuple[str, ...], *paths: Path) -> subprocess.CompletedProcess[str]:
    program, *options = command
    return subprocess.run(
        [str(PROGRAMS / program), *options, *map(str, paths)], capture_output=True, text=True, check=False
    )


@LINTERS
def test_the_workflows_have_no_finding(command: tuple[str, ...]) -> None:
    done = lint(command, *WORKFLOWS)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("command", "before", "after", "finding"),
    [
        (JACTIONLINT, "github.event_name ==", "github.event_nam ==", 'property "event_nam" is not defined'),
        (JACTIONLINT, "needs.test.outputs.bundle", "needs.test.outputs.place", 'property "place" is not'),
        (JACTIONLINT, "role-duration-seconds", "role-duration", 'input "role-duration" is not defined'),
        (ZIZMOR, "persist-credentials: false", "fetch-depth: 1", "artipacked"),
        (ZIZMOR, 'ARGS="$SETTINGS"', "ARGS='${{ github.event.pull_request.title }}'", "template-injection"),
        (ZIZMOR, "permissions:\n  contents: read", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_a_mistake_in_the_workflow_is_found(
    tmp_path: Path, command: tuple[str, ...], before: str, after: str, finding: str
) -> None:
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    text = DEPLOY.read_text()
    assert before in text
    (workflows / "deploy.yml").write_text(text.replace(before, after))

    done = lint(command, workflows / "deploy.yml")

    assert done.returncode != 0
    assert finding in done.stdout + done.stderr
