"""schemathesis as it is typed: all phases and all checks, from one seed."""

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

# 413 is how the API refuses too many rows; the others are schemathesis's own.
_CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""
_KEY = """
[headers]
x-api-key = "${API_KEY}"
"""

# That a machine is slow is no failure of what is tested.
_OPTIONS = (
    "--checks=all",
    "--generation-database=none",
    "--suppress-health-check=too_slow",
    "--no-color",
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What schemathesis said."""

    code: int
    text: str

    @property
    def passed(self) -> set[str]:
        """The phases that passed."""
        return {phase for phase in PHASES if re.search(rf"^  ✅ {phase}$", self.text, re.MULTILINE)}

    @property
    def cases(self) -> int:
        """How many requests were made up."""
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
    """Hold what is at a URL against a document.

    Args:
        document: OpenAPI.
        url: Where its paths are.
        folder: For the files of the run.
        examples: How many requests each operation gets of the random phases.
        key: An API key, which goes through the environment.
        seed: What follows from chance follows from it.
    """
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "schemathesis.toml").write_text(_CONFIG + (_KEY if key else ""))
    environment = {"SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
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
        timeout=300,
    )
    return Run(code=done.returncode, text=done.stdout)
