import json
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from bundle import read_archive
from stacks.gates.rules_plugin import RulesPlugin
from stacks.gates.suppressions import SUPPRESSIONS
from stacks.prediction_stack import PredictionStack
from stacks.settings.bundle_archive import Archive
from stacks.settings.settings import Settings
from tests.stacks.gates.conftest import (
    RELOADED,
    RETRAINED,
    RETRAINED_ELSEWHERE,
    RETRAINED_MONTHLY,
    SCORED,
    SCORED_ELSEWHERE,
    STAGES_AND_HOSTINGS,
    SWITCHES,
)
from tests.stacks.gates.findings import Found, accepted, covers
from tests.stacks.support.synthesis import Synthesis, context

MOST = 11


@pytest.mark.slow
def test_every_variant_of_the_stack_passes_the_validations(variants: dict[str, Synthesis]) -> None:
    for name, synthesis in variants.items():
        report = json.loads((synthesis.outdir / "validation-report.json").read_text())
        violations = [found for plugin in report["pluginReports"] for found in plugin["violations"]]
        assert violations == [], name


def test_there_are_at_most_eleven_reasons() -> None:
    assert len(SUPPRESSIONS) <= MOST


def test_each_reason_is_a_full_sentence() -> None:
    for entry in SUPPRESSIONS:
        assert entry.reason[0].isupper(), entry.reason
        assert entry.reason.endswith("."), entry.reason
        assert len(entry.reason.split()) > 10, entry.reason


def test_no_finding_is_accepted_twice() -> None:
    rules = [(rule, path) for entry in SUPPRESSIONS for path, rules in entry.rules.items() for rule in rules]

    assert len(rules) == len(set(rules))


@pytest.mark.slow
def test_every_accepted_finding_is_found_in_some_variant(tmp_path: Path, bundle: Path) -> None:
    missing = {entry for entry in accepted() if not entry.rule.startswith("CKV")}
    plain = [{"stage": stage, "hosting": hosting} for stage, hosting in reversed(STAGES_AND_HOSTINGS)]

    # The variants with most findings come first, and the others are synthesized only while some are missing.
    for number, settings in enumerate(
        [
            SCORED,
            RELOADED,
            SWITCHES,
            SCORED_ELSEWHERE,
            RETRAINED,
            RETRAINED_ELSEWHERE,
            RETRAINED_MONTHLY,
            *plain,
        ]
    ):
        if missing:
            given = {"model": "tiny", "bundle": str(bundle)} | settings
            found = findings(tmp_path / str(number), archive=bundle, **given)
            missing = {entry for entry in missing if not any(covers(resolved(entry), one) for one in found)}

    assert missing == set()


def findings(outdir: Path, *, archive: Path, **settings: str) -> set[Found]:
    """The findings without suppressions; logical ids in rule names are replaced by construct paths."""
    app = cdk.App(context=context(**settings), outdir=str(outdir))
    parsed = Settings.from_context(app.node.get_all_context())
    stack = PredictionStack(
        app,
        parsed.stack_name,
        settings=parsed,
        archives=[Archive(path=archive, bundle=read_archive(archive))],
    )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app), RulesPlugin())
    with pytest.raises(RuntimeError):
        app.synth()
    names = {
        f"<{stack.resolve(stack.get_logical_id(child))}.": f"<{place}."
        for place in ("Artifacts/Bucket", "Scoring/StateMachine", "Retraining/StateMachine")
        for child in stack.node.find_all()
        if isinstance(child, cdk.CfnElement) and child.node.path.endswith(f"{place}/Resource")
    }
    report = json.loads((outdir / "validation-report.json").read_text())
    kinds = {
        child.node.path: child.cfn_resource_type
        for child in stack.node.find_all()
        if isinstance(child, cdk.CfnResource)
    }
    return {
        Found(
            named(violation["ruleName"], names),
            construct["constructPath"].partition("/")[2],
            kinds.get(construct["constructPath"], ""),
        )
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }


def named(rule: str, names: Mapping[str, str]) -> str:
    for logical_id, path in names.items():
        rule = rule.replace(logical_id, path)
    return rule


def resolved(known: Found) -> Found:
    rule = known.rule.replace("{bundles}", "models/tiny/*").replace("{stack}", "TinyProd")
    rule = rule.replace("{scored}", "<Artifacts/Bucket.Arn>/scores/*")
    rule = rule.replace("{rows}", "<Artifacts/Bucket.Arn>/rows/*").replace("{jobs}", "tiny")
    rule = rule.replace("{weather}", "<Artifacts/Bucket.Arn>/weather/*")
    return Found(rule.removeprefix("House::"), known.path)
