import json
from pathlib import Path

from tests.stacks.gates.findings import CFN_LINT, acknowledged, covers, of_cfn_lint, of_checkov, run
from tests.stacks.synthesis import Synthesis


def test_cfn_lint_finds_nothing_in_any_template(variants: dict[str, Synthesis]) -> None:
    assert of_cfn_lint(variants.values()) == []


def test_cfn_lint_looks_at_what_it_is_given(tmp_path: Path) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketNam": "misspelt"}}
    (tmp_path / "wrong.json").write_text(json.dumps({"Resources": {"Bucket": bucket}}))

    done = run(str(CFN_LINT), "--format", "json", str(tmp_path / "wrong.json"))

    assert [found["Rule"]["Id"] for found in json.loads(done.stdout)] == ["E3002"]


def test_checkov_finds_what_is_acknowledged_and_nothing_else(variants: dict[str, Synthesis]) -> None:
    found = of_checkov(variants.values())

    known = {entry for entry in acknowledged() if entry.rule.startswith("CKV")}
    assert {one for one in found if not any(covers(entry, one) for entry in known)} == set()
    assert {entry for entry in known if not any(covers(entry, one) for one in found)} == set()
