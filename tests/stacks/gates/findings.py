"""Findings of checkov and cfn-lint, by construct path."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from stacks.gates.suppressions import SUPPRESSIONS
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Synthesis

CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
CFN_LINT = Path(sys.executable).parent / "cfn-lint"


class Found(NamedTuple):
    """A violated rule and the construct path below the stack."""

    rule: str
    path: str


def accepted() -> set[Found]:
    """Every accepted rule with its construct path."""
    return {
        Found(rule, path) for entry in SUPPRESSIONS for path, rules in entry.rules.items() for rule in rules
    }


def covers(known: Found, found: Found) -> bool:
    path = re.escape(known.path).replace(re.escape("{model}"), "[^/]+")
    return known.rule == found.rule and bool(not path or re.match(f"{path}/", f"{found.path}/"))


def checkov_findings(syntheses: Collection[Synthesis]) -> set[Found]:
    """The failed checks of checkov, without its web service, which only adds links."""
    by_file = {str(template_file(synthesis)): synthesis for synthesis in syntheses}
    options = ["--framework", "cloudformation", "--output", "json", "--quiet", "--skip-download"]
    report = json.loads(run(str(CHECKOV), *options, "--file", *by_file).stdout)
    return {
        Found(failed["check_id"], path_of(by_file[failed["file_abs_path"]], failed["resource"]))
        for failed in report["results"]["failed_checks"]
    }


def cfn_lint_findings(templates: Collection[Path]) -> list[dict[str, Any]]:
    """The findings of cfn-lint in all templates."""
    files = [str(path) for path in templates]
    found: list[dict[str, Any]] = json.loads(run(str(CFN_LINT), "--format", "json", *files).stdout)
    return found


def template_file(synthesis: Synthesis) -> Path:
    return synthesis.outdir / f"{synthesis.stacks[0]}.template.json"


def path_of(synthesis: Synthesis, resource: str) -> str:
    logical_id = resource.rpartition(".")[2]
    path: str = synthesis.template["Resources"][logical_id]["Metadata"]["aws:cdk:path"]
    return path.partition("/")[2]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
