"""A copy of the checkout, for tests that need bundles of their own in its build folder."""

import shutil
import subprocess
from pathlib import Path

from tests.e2e.account import ROOT


def copy_checkout(target: Path) -> Path:
    """Copies what is committed, or would be; what is installed is linked."""
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
    for installed in (".venv", "node_modules"):
        (target / installed).symlink_to(ROOT / installed)
    return target
