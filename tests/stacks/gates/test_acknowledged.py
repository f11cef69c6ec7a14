import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from bundle import read_archive
from stacks.gates.acknowledged import ACKNOWLEDGED
from stacks.gates.house_rules import HouseRules
from stacks.prediction_stack import PredictionStack
from stacks.settings.settings import Settings
from stacks.storage.archive import Archive
from tests.stacks.gates.conftest import RELOADED, STAGES_AND_HOSTINGS, SWITCHES
from tests.stacks.gates.findings import Found, acknowledged, covers
from tests.stacks.synthesis import Synthesis, context
from tests.tiny_bundle import write_tiny_bundle

MOST = 10


def test_every_stage_and_hosting_passes_the_gates(variants: dict[str, Synthesis]) -> None:
    for name, synthesis in variants.items():
        report = json.loads((synthesis.outdir / "validation-report.json").read_text())
        violations = [found for plugin in report["pluginReports"] for found in plugin["violations"]]
        assert violations == [], name


def test_no_more_is_acknowledged_than_can_be_read_at_once() -> None:
    assert len(ACKNOWLEDGED) <= MOST


def test_each_is_acknowledged_with_a_full_sentence() -> None:
    for entry in ACKNOWLEDGED:
        assert entry.reason[0].isupper(), entry.reason
        assert entry.reason.endswith("."), entry.reason
        assert len(entry.reason.split()) > 10, entry.reason


def test_no_finding_is_acknowledged_twice() -> None:
    rules = [(rule, path) for entry in ACKNOWLEDGED for path, rules in entry.rules.items() for rule in rules]

    assert len(rules) == len(set(rules))


def test_nothing_is_acknowledged_that_nobody_finds(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz")
    plain = [{"stage": stage, "hosting": hosting} for stage, hosting in STAGES_AND_HOSTINGS]
    found = set[Found]()
    for number, settings in enumerate([*plain, SWITCHES, RELOADED]):
        given = {"model": "tiny", "bundle": str(tmp_path / "model.tar.gz")} | settings
        found |= findings(tmp_path / str(number), place=tmp_path / "model.tar.gz", **given)

    known = {entry for entry in acknowledged() if not entry.rule.startswith("CKV")}
    assert {entry for entry in known if not any(covers(resolved(entry), one) for one in found)} == set()


def findings(outdir: Path, *, place: Path, **settings: str) -> set[Found]:
    """What is found when nothing is acknowledged, with paths for logical ids in the rules' names."""
    app = cdk.App(context=context(**settings), outdir=str(outdir))
    wanted = Settings.from_context(app.node.get_all_context())
    archive = Archive(path=place, bundle=read_archive(place))
    stack = PredictionStack(app, wanted.stack_name, settings=wanted, archives=[archive])
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app), HouseRules())
    with pytest.raises(RuntimeError):
        app.synth()
    [bucket] = [
        child for child in stack.node.find_all() if child.node.path.endswith("Artifacts/Bucket/Resource")
    ]
    assert isinstance(bucket, cdk.CfnElement)
    logical_id = stack.resolve(stack.get_logical_id(bucket))
    report = json.loads((outdir / "validation-report.json").read_text())
    return {
        Found(
            violation["ruleName"].replace(f"<{logical_id}.Arn>", "<Artifacts/Bucket.Arn>"),
            construct["constructPath"].partition("/")[2],
        )
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }


def resolved(known: Found) -> Found:
    return Found(known.rule.replace("{bundles}", "models/tiny/*").removeprefix("House::"), known.path)
