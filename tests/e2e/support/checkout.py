"""A copy of the checkout with a build folder of its own."""

import shutil
import subprocess
from pathlib import Path

from tests.e2e.support.account import ROOT


def copy_checkout(target: Path) -> Path:
    """Copies the files that are committed or would be, and links the installed packages."""
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
