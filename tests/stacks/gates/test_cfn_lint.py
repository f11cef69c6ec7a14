import json
from pathlib import Path

import pytest

from tests.stacks.gates.findings import cfn_lint_findings, template_file
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
