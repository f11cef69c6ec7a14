"""Application of `make destroy`, beside the one that deploys."""

import functools
import json
import runpy
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tests.stacks.support.synthesis import Synthesis, context

# Each synthesizes a stack.
pytestmark = pytest.mark.slow


def run_app(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> dict[str, Any]:
    """Runs the application in this process; returns the artifacts of its cloud assembly."""
    # The CDK CLI sets the context by environment variables, which Node.js read when it started.
    made = functools.partial(cdk.App, context=context(**settings), outdir=str(folder))
    monkeypatch.setattr(cdk, "App", made)
    runpy.run_module("stacks.deleted_stack")["main"]()
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    return {name: one for name, one in found.items() if one["type"] == "aws:cloudformation:stack"}


def test_the_stack_is_deleted_as_it_was_deployed(
    stack: Synthesis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = json.loads((stack.outdir / "manifest.json").read_text(encoding="utf-8"))["artifacts"]["Tiny"]

    # The model has no bundle: the one of the other stack is elsewhere.
    [(name, deleted)] = run_app(tmp_path, monkeypatch, model="tiny").items()

    assert name == "Tiny"
    assert deleted["environment"] == deployed["environment"]
    roles = ("assumeRoleArn", "cloudFormationExecutionRoleArn")
    assert {role: deleted["properties"][role] for role in roles} == {
        role: deployed["properties"][role] for role in roles
    }
    assert (tmp_path / deleted["properties"]["templateFile"]).exists()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"model": "never_trained", "stage": "prod"}, "NeverTrainedProd"),
        ({"models": "never_trained,iris"}, "NeverTrainedIris"),
        ({"model": "iris", "bundle": "s3://no-such-bucket/model.tar.gz", "stack_name": "Other"}, "Other"),
    ],
)
def test_the_settings_name_the_stack_and_no_bundle_is_read(
    settings: dict[str, str], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(run_app(tmp_path, monkeypatch, **settings)) == [name]


def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="The setting stage is 'test'"):
        run_app(tmp_path, monkeypatch, stage="test")
