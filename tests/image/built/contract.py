"""Runs the contract suite in its own pytest process, against an image."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import msgspec

from tests.image.built.containers import Container
from tests.inherited_environ import inherited_environ

ROOT = Path(__file__).parents[3]
# Generated requests, which the same code and packages parse outside of the image, are sent there only.
WHOLE = ("tests/contract", "--ignore=tests/contract/test_fuzz.py")


def run_contract(container: Container, folder: Path, *cases: str) -> Counter[str]:
    """Runs cases of the contract against an image; fails with pytest's output if a case fails.

    Args:
        container: The image.
        folder: The folder for all files of the run.
        cases: Files or folders of cases, and options of pytest that leave out some.

    Returns:
        The numbers of cases: `passed` and `skipped`.
    """
    described, report = folder / "container.json", folder / "report.xml"
    described.write_bytes(msgspec.json.encode(container))
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "tests.image.built.plugin"]
    options = [f"--container={described}", f"--junitxml={report}", f"--basetemp={folder / 'cases'}"]
    options += ["-o", f"cache_dir={folder / 'cache'}"]
    inherited = inherited_environ()
    job = subprocess.run(
        [*command, *options, *cases], cwd=ROOT, env=inherited, check=False, capture_output=True, text=True
    )
    assert job.returncode == 0, job.stdout + job.stderr
    return Counter(
        "passed" if case.find("skipped") is None else "skipped"
        for case in ET.parse(report).iter("testcase")  # noqa: S314  # written by this test's own pytest
    )
