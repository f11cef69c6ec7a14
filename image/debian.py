"""Debian with Python as a tar archive, made by debootstrap: a base image without a registry."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from image.errors import ImageError, MissingToolError

# The release of the Dockerfile's default base image, with the same version of Python.
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
    """Writes a minimal Debian with Python as a tar archive; the signature of each package is checked.

    Args:
        archive: The path of the archive.
        mirror: The URL of the Debian mirror.

    Raises:
        MissingToolError: debootstrap is not installed, or the user is not root.
        ImageError: debootstrap failed.
    """
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise MissingToolError(
            "A base image without a registry needs debootstrap: install it (on Debian: debootstrap and"
            " debian-archive-keyring) and run as root, or set BASE_IMAGE to an image that can be pulled."
        )
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        root = Path(folder) / "root"
        _bootstrap(root, mirror, log=archive.with_suffix(".log"))
        draft = Path(folder) / "packed"
        pack(root, draft)
        draft.replace(archive)


def pack(root: Path, archive: Path) -> None:
    """Packs a Debian without downloads, package lists, logs, manuals and translations."""
    with tarfile.open(archive, "w") as tar:
        tar.add(root, arcname=".", filter=_needed)


def _bootstrap(root: Path, mirror: str, *, log: Path) -> None:
    options = ["--arch=amd64", "--force-check-gpg", "--variant=minbase", f"--include={','.join(_PACKAGES)}"]
    # Its own mount namespace: no mount remains in the folder, which is removed.
    command = ["unshare", "--mount", "--", "debootstrap", *options, SUITE, str(root), mirror]
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    if done.returncode:
        *_, reason = log.read_text(encoding="utf-8").strip().splitlines() or ["no reason given"]
        raise ImageError(f"debootstrap failed with {mirror}: {reason} (full log: {log}).")


def _needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = entry.name.removeprefix("./")
    unused = any(name.startswith(f"{folder}/") for folder in _UNUSED)
    # Licences require that their text is distributed with the package.
    is_manual = name.startswith(f"{_DOCUMENTATION}/") and not (entry.isdir() or name.endswith("/copyright"))
    return None if unused or is_manual else entry
