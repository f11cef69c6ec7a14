import json
from pathlib import Path

import pytest

from stacks.registry.model_registry import NEW_NUMBERS
from tests.stacks.gates.findings import (
    CheckovReport,
    accepted,
    checkov_metadata,
    checkov_reports,
    covers,
    reasons,
    template_file,
)
from tests.stacks.support.synthesis import Synthesis

# Variants with every resource that has metadata for checkov. It takes two seconds for a template.
READ = ("everything", "scored")


@pytest.fixture(scope="module")
def reports(variants: dict[str, Synthesis], tmp_path_factory: pytest.TempPathFactory) -> list[CheckovReport]:
    """Both reports, by one process, because checkov takes seconds to start."""
    stripped = write_without_metadata(tmp_path_factory.mktemp("without-metadata"), variants)
    return checkov_reports({template_file(variants[name]): variants[name] for name in READ}, stripped)


def write_without_metadata(folder: Path, variants: dict[str, Synthesis]) -> dict[Path, Synthesis]:
    """Writes the resources without the metadata that checkov reads, each in the first variant that has it.

    Checkov looks at each resource alone, and most resources are the same in many variants.
    """
    written: set[str] = set()
    stripped = {}
    for name, synthesis in variants.items():
        template = json.loads(template_file(synthesis).read_text())
        for resource in template["Resources"].values():
            resource["Metadata"].pop("checkov", None)
        texts = {key: json.dumps([key, found]) for key, found in template["Resources"].items()}
        for key, text in texts.items():
            if text in written:
                del template["Resources"][key]
        written.update(texts.values())
        path = folder / f"{name.replace(' ', '-')}.json"
        path.write_text(json.dumps(template))
        stripped[path] = synthesis
    return stripped


@pytest.fixture(scope="module")
def as_synthesized(reports: list[CheckovReport]) -> CheckovReport:
    """What any checkov reports on some templates, without the project's configuration."""
    return reports[0]


@pytest.fixture(scope="module")
def without_metadata(reports: list[CheckovReport]) -> CheckovReport:
    """What checkov reports on all templates without the metadata that it reads."""
    return reports[1]


@pytest.mark.usefixtures("checkov")
def test_a_checkov_that_knows_only_the_template_reports_no_failure(
    as_synthesized: CheckovReport, variants: dict[str, Synthesis]
) -> None:
    assert as_synthesized.failed == set()
    assert as_synthesized.skipped == checkov_metadata(variants[name] for name in READ)


@pytest.mark.usefixtures("checkov")
def test_the_template_has_the_reason_of_every_failure(
    without_metadata: CheckovReport, variants: dict[str, Synthesis]
) -> None:
    known, written = reasons(), checkov_metadata(variants.values())

    for found, comment in written.items():
        assert [comment] == [reason for entry, reason in known.items() if covers(entry, found)], found
    assert without_metadata.failed <= written.keys()


@pytest.mark.usefixtures("checkov")
def test_checkov_finds_exactly_the_accepted_findings(without_metadata: CheckovReport) -> None:
    found = without_metadata.failed

    known = {entry for entry in accepted() if entry.rule.startswith("CKV")}
    assert {one for one in found if not any(covers(entry, one) for entry in known)} == set()
    assert {entry for entry in known if not any(covers(entry, one) for one in found)} == set()


@pytest.mark.slow
def test_the_template_has_the_reasons_for_cdk_nag_too(variants: dict[str, Synthesis]) -> None:
    known = {(entry.rule, reason) for entry, reason in reasons().items()}

    written = {
        (rule["id"], rule["reason"])
        for synthesis in variants.values()
        for resource in synthesis.template["Resources"].values()
        for rule in resource["Metadata"].get("cdk_nag", {"rules_to_suppress": []})["rules_to_suppress"]
    }

    assert {
        ("Serverless-LambdaDLQ", reason) for rule, reason in known if rule == "Serverless-LambdaDLQ"
    } <= written
    assert {rule.partition("[")[0] for rule, _ in written} == {
        rule.partition("[")[0] for rule, _ in known if not rule.startswith("CKV")
    }
    assert {reason for _, reason in written} <= {reason for _, reason in known} | {NEW_NUMBERS}


@pytest.mark.usefixtures("checkov")
def test_metadata_of_checkov_is_on_no_resource_that_it_does_not_check(
    without_metadata: CheckovReport, variants: dict[str, Synthesis]
) -> None:
    written = checkov_metadata(variants.values())

    assert written.keys() <= without_metadata.failed | without_metadata.passed
