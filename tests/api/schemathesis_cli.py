"""Runs the command line of schemathesis with all phases, all checks and a fixed seed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PHASES = ("Examples", "Coverage", "Fuzzing", "Stateful")

# 413 is the API's status for too many rows; the others are the defaults of schemathesis.
_CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""
_KEY = """
[headers]
x-api-key = "${API_KEY}"
"""

# A slow machine is not a failure of the API.
_OPTIONS = (
    "--checks=all",
    "--generation-database=none",
    "--suppress-health-check=too_slow",
    "--no-color",
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """Exit code and output of schemathesis."""

    code: int
    text: str

    @property
    def passed(self) -> set[str]:
        """Phases that passed."""
        return {phase for phase in PHASES if re.search(rf"^  ✅ {phase}$", self.text, re.MULTILINE)}

    @property
    def cases(self) -> int:
        """Number of generated requests."""
        found = re.search(r"^  (\d+) generated", self.text, re.MULTILINE)
        return int(found[1]) if found else 0


def run_schemathesis(
    document: Mapping[str, Any],
    *,
    url: str,
    folder: Path,
    examples: int,
    key: str | None = None,
    seed: int = 1,
) -> Run:
    """Runs schemathesis against a URL with an OpenAPI document.

    Args:
        document: OpenAPI document.
        url: Base URL of its paths.
        folder: Folder for the files of the run.
        examples: Maximum number of generated requests per operation and phase.
        key: API key, passed by an environment variable.
        seed: Seed of the generated requests.
    """
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "schemathesis.toml").write_text(_CONFIG + (_KEY if key else ""))
    environment = {
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "PYTHONPATH": str(ROOT),
        # Hypothesis writes the characters of each encoding there, which take it seconds to find.
        "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / "build" / ".hypothesis"),
    }
    options = [
        *_OPTIONS,
        f"--url={url}",
        f"--phases={','.join(PHASES).lower()}",
        f"--max-examples={examples}",
        f"--seed={seed}",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", *options],
        cwd=folder,
        env=os.environ | environment | ({"API_KEY": key} if key else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1200,
    )
    return Run(code=done.returncode, text=done.stdout)
