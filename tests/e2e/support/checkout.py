"""A copy of the checkout with a build folder of its own."""

import os
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
    for environment in (".venv", ".venv-uv"):
        if (ROOT / environment).exists():
            (target / environment).symlink_to(ROOT / environment)
    # A folder of its own: npm would empty the original through a link to the folder.
    shutil.copytree(
        ROOT / "node_modules", target / "node_modules", symlinks=True, copy_function=_link_or_copy
    )
    return target


def _link_or_copy(source: str, target: str) -> None:
    """Links a file, which takes a tenth of the time of a copy, where both folders are on one file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
