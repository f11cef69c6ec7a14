"""A copy of the checkout, for tests that need a build folder of their own in it."""

import shutil
import subprocess
from pathlib import Path

from tests.e2e.account import ROOT


def copy_checkout(target: Path) -> Path:
    """Copies what is committed, or would be, and the packages that are installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")
    # A copy: npm would empty the original through a link.
    shutil.copytree(ROOT / "node_modules", target / "node_modules", symlinks=True)
    return target
