import json
from pathlib import Path

import pytest

from tests.stacks.gates.findings import (
    accepted,
    cfn_lint_findings,
    checkov_findings,
    covers,
    template_file,
)
from tests.stacks.support.synthesis import Synthesis


@pytest.mark.slow
def test_cfn_lint_finds_a_misspelt_property_and_nothing_in_the_templates(
    variants: dict[str, Synthesis], tmp_path: Path
) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketNam": "misspelt"}}
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"Resources": {"Bucket": bucket}}))

    # One process for all templates, because cfn-lint takes seconds to start.
    found = cfn_lint_findings([*map(template_file, variants.values()), wrong])

    assert [(one["Filename"], one["Rule"]["Id"]) for one in found] == [(str(wrong), "E3002")]


@pytest.mark.usefixtures("checkov")
def test_checkov_finds_exactly_the_accepted_findings(variants: dict[str, Synthesis]) -> None:
    found = checkov_findings(variants.values())

    known = {entry for entry in accepted() if entry.rule.startswith("CKV")}
    assert {one for one in found if not any(covers(entry, one) for entry in known)} == set()
    assert {entry for entry in known if not any(covers(entry, one) for one in found)} == set()
