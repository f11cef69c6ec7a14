"""Findings of checkov and cfn-lint, by construct path."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from stacks.gates.suppressions import SUPPRESSIONS
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Synthesis

CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
CFN_LINT = Path(sys.executable).parent / "cfn-lint"
# Runs a Python program without collecting garbage: a third of checkov's processor time.
_WITHOUT_GARBAGE = """
import gc, runpy, sys
gc.disable()
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Found(NamedTuple):
    """A violated rule.

    Attributes:
        rule: Id of the rule.
        path: Construct path below the stack, or resource type in an accepted finding.
        kind: Resource type; "" in an accepted finding.
    """

    rule: str
    path: str
    kind: str = ""


class CheckovReport(NamedTuple):
    """Result of checkov.

    Attributes:
        failed: The failed checks.
        passed: The passed checks.
        skipped: The skipped checks, with the comment of each.
    """

    failed: set[Found]
    passed: set[Found]
    skipped: dict[Found, str]


def accepted() -> set[Found]:
    """Every accepted rule with its construct path or resource type."""
    return {
        Found(rule, path) for entry in SUPPRESSIONS for path, rules in entry.rules.items() for rule in rules
    }


def reasons() -> dict[Found, str]:
    """The reason of every accepted rule."""
    return {
        Found(rule, path): entry.reason
        for entry in SUPPRESSIONS
        for path, rules in entry.rules.items()
        for rule in rules
    }


def covers(known: Found, found: Found) -> bool:
    path = re.escape(known.path).replace(re.escape("{model}"), "[^/]+")
    is_there = known.path == found.kind or re.match(f"{path}/", f"{found.path}/")
    return known.rule == found.rule and bool(is_there)


def checkov_reports(*groups: Mapping[Path, Synthesis]) -> list[CheckovReport]:
    """The findings of checkov in each group of template files; its web service would only add links."""
    by_file = {str(path): synthesis for group in groups for path, synthesis in group.items()}
    options = ["--framework", "cloudformation", "--output", "json", "--compact", "--skip-download"]
    found = json.loads(run(CHECKOV, *options, "--file", *by_file).stdout)["results"]

    def checks(state: str, group: Mapping[Path, Synthesis]) -> Iterator[tuple[Found, dict[str, Any]]]:
        for check in found[f"{state}_checks"]:
            if Path(check["file_abs_path"]) in group:
                kind, _, _ = check["resource"].rpartition(".")
                path = path_of(by_file[check["file_abs_path"]], check["resource"])
                yield Found(check["check_id"], path, kind), check

    return [
        CheckovReport(
            failed={one for one, _ in checks("failed", group)},
            passed={one for one, _ in checks("passed", group)},
            skipped={
                one: check["check_result"]["suppress_comment"] for one, check in checks("skipped", group)
            },
        )
        for group in groups
    ]


def checkov_metadata(syntheses: Iterable[Synthesis]) -> dict[Found, str]:
    """The checks that the metadata of the templates tells checkov to skip, with the comment of each."""
    return {
        Found(skip["id"], path_of(synthesis, name), resource["Type"]): skip["comment"]
        for synthesis in syntheses
        for name, resource in synthesis.template["Resources"].items()
        for skip in resource["Metadata"].get("checkov", {"skip": []})["skip"]
    }


def cfn_lint_findings(templates: Collection[Path]) -> list[dict[str, Any]]:
    """The findings of cfn-lint in all templates."""
    files = [str(path) for path in templates]
    found: list[dict[str, Any]] = json.loads(run(CFN_LINT, "--format", "json", *files).stdout)
    return found


def template_file(synthesis: Synthesis) -> Path:
    return synthesis.outdir / f"{synthesis.stacks[0]}.template.json"


def path_of(synthesis: Synthesis, resource: str) -> str:
    logical_id = resource.rpartition(".")[2]
    path: str = synthesis.template["Resources"][logical_id]["Metadata"]["aws:cdk:path"]
    return path.partition("/")[2]


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of a virtual environment by its Python."""
    command = [str(program.with_name("python")), "-P", "-c", _WITHOUT_GARBAGE, str(program), *arguments]
    environment = os.environ | {"BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
