"""The contract suite as a job of its own, against an image."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import msgspec

from tests.image.containers import Container

ROOT = Path(__file__).parents[2]


def hold_contract(container: Container, folder: Path, *cases: str) -> Counter[str]:
    """Runs the contract's cases against an image, failing with what pytest said if one does.

    Args:
        container: The image, and how to run it.
        folder: Where to keep what the job writes.
        cases: Files or folders of cases.

    Returns:
        How many `passed`, and how many were `skipped`.
    """
    described, report = folder / "container.json", folder / "report.xml"
    described.write_bytes(msgspec.json.encode(container))
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "tests.image.plugin"]
    options = [f"--container={described}", f"--junitxml={report}", f"--basetemp={folder / 'cases'}"]
    options += ["-o", f"cache_dir={folder / 'cache'}"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    job = subprocess.run(
        [*command, *options, *cases], cwd=ROOT, env=inherited, check=False, capture_output=True, text=True
    )
    assert job.returncode == 0, job.stdout + job.stderr
    return Counter(
        "passed" if case.find("skipped") is None else "skipped"
        for case in ET.parse(report).iter("testcase")  # noqa: S314  # what our own pytest wrote
    )
