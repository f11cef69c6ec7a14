"""The workflow's script that comments a diff, run by Node.js."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.workflows.workflow import deploy_job

NODE = Path(sys.executable).with_name("node")

HARNESS = """
const { readFileSync } = require('node:fs')
const [script, state] = process.argv.slice(2)
const comments = JSON.parse(readFileSync(state))
const issues = {
  listComments: async () => comments,
  createComment: async ({ issue_number, body }) => comments.push(
    { id: comments.length + 1, issue_number, body, user: { login: 'github-actions[bot]' } }),
  updateComment: async ({ comment_id, body }) => { comments.find(({ id }) => id === comment_id).body = body },
}
const github = { rest: { issues }, paginate: (list, of) => list(of) }
const context = { repo: { owner: 'o', repo: 'r' }, issue: { number: 7 } }
const AsyncFunction = (async () => {}).constructor
new AsyncFunction('require', 'github', 'context', readFileSync(script, 'utf8'))(require, github, context)
  .then(() => console.log(JSON.stringify(comments)))
"""


def comments_after(folder: Path, diff: str, comments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs the script and returns the comments afterwards."""
    [script] = [
        step["with"]["script"] for step in deploy_job("diff")["steps"] if "script" in step.get("with", {})
    ]
    for name, text in {"diff.txt": diff, "script.js": script, "harness.cjs": HARNESS}.items():
        (folder / name).write_text(text)
    (folder / "comments.json").write_text(json.dumps(comments))
    done = subprocess.run(
        [NODE, "harness.cjs", "script.js", "comments.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_pull_request_has_one_comment_which_is_kept_up_to_date(tmp_path: Path) -> None:
    strangers = {"id": 1, "body": "<!-- cdk diff -->\nmine", "user": {"login": "someone"}}

    once = comments_after(tmp_path, "[~] one change", [strangers])
    twice = comments_after(tmp_path, "[~] another change", once)

    assert [len(once), len(twice)] == [2, 2]
    assert twice[0] == strangers
    assert "one change" in once[1]["body"]
    assert "another change" in twice[1]["body"]
    assert "one change" not in twice[1]["body"]
    assert once[1]["issue_number"] == 7


def test_a_diff_cannot_end_its_code_block(tmp_path: Path) -> None:
    [made] = comments_after(tmp_path, "before\n````\n# not a heading", [])

    fence = made["body"].splitlines()[-1]
    assert set(fence) == {"`"}
    assert len(fence) > 4
    assert made["body"].splitlines().count(fence) == 2


def test_a_long_diff_is_cut_to_githubs_limit(tmp_path: Path) -> None:
    [made] = comments_after(tmp_path, "x" * 200_000, [])

    assert len(made["body"]) < 65_536
    assert "all of it is in the log" in made["body"]


def test_the_number_of_the_account_is_not_in_the_comment(tmp_path: Path) -> None:
    [made] = comments_after(tmp_path, "Stack S (aws://111122223333/us-east-1)", [])

    assert "111122223333" not in made["body"]
    assert "us-east-1" in made["body"]
