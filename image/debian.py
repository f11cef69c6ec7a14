"""A base to build on where no registry can be reached: Debian and its Python, by debootstrap."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from image.errors import ImageError, LackingError

# The release that the Dockerfile's own base is made of, with the same Python.
SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
_PACKAGES = ("ca-certificates", "python3", "python3-venv")
_UNUSED = (
    "var/cache/apt",
    "var/lib/apt/lists",
    "var/log",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
)
_DOCUMENTATION = "usr/share/doc"


def write_debian(archive: Path, *, mirror: str = MIRROR) -> None:
    """Makes a minimal Debian with Python as a tar, with every package's signature checked.

    Args:
        archive: Where to write it.
        mirror: Where Debian is downloaded from.

    Raises:
        LackingError: When this machine has no debootstrap, or no root to run it.
        ImageError: When it fails.
    """
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise LackingError(
            "debootstrap, run as root, would make a base instead: install it (on Debian: debootstrap and"
            " debian-archive-keyring) and run as root, or name an image that can be had with BASE_IMAGE."
        )
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        root = Path(folder) / "root"
        _bootstrap(root, mirror, log=archive.with_suffix(".log"))
        packed = Path(folder) / "packed"
        pack(root, packed)
        packed.replace(archive)


def pack(root: Path, archive: Path) -> None:
    """Packs a Debian without what an image has no use for: downloads, lists, logs, manuals, translations."""
    with tarfile.open(archive, "w") as tar:
        tar.add(root, arcname=".", filter=_used)


def _bootstrap(root: Path, mirror: str, *, log: Path) -> None:
    words = ["--arch=amd64", "--force-check-gpg", "--variant=minbase", f"--include={','.join(_PACKAGES)}"]
    # In a mount namespace of its own, so that nothing stays mounted in a folder that is going to be removed.
    command = ["unshare", "--mount", "--", "debootstrap", *words, SUITE, str(root), mirror]
    with log.open("w") as output:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    if done.returncode:
        *_, reason = log.read_text().strip().splitlines() or ["no reason given"]
        raise ImageError(f"debootstrap failed on {mirror}: {reason} ({log} has the rest).")


def _used(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = entry.name.removeprefix("./")
    emptied = any(name.startswith(f"{folder}/") for folder in _UNUSED)
    # A package may be passed on with its licence only.
    undone = name.startswith(f"{_DOCUMENTATION}/") and not (entry.isdir() or name.endswith("/copyright"))
    return None if emptied or undone else entry
