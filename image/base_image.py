"""Base image: the Dockerfile's default, pulled from a registry, or a Debian made on this machine."""

import re
import tempfile
from pathlib import Path

from image.builder import Builder
from image.debian import SUITE, write_debian

DEBIAN = f"localhost/debian-python:{SUITE}"

_DEFAULT = re.compile(r"^ARG BASE_IMAGE=(\S+)$", re.MULTILINE)


def default_base(dockerfile: Path) -> str:
    """Returns the default value of BASE_IMAGE in a Dockerfile."""
    (base,) = _DEFAULT.findall(dockerfile.read_text(encoding="utf-8"))
    return str(base)


def fetch_base(builder: Builder, base: str) -> str:
    """Pulls a base image unless the builder has it; returns the error message, or ""."""
    return "" if builder.inspect(base) else builder.pull(base)


def make_debian_base(builder: Builder, *, cache: Path, mirror: str) -> str:
    """Makes a base image from Debian packages.

    Args:
        builder: The builder that gets the image.
        cache: The folder for the Debian archive; an existing archive is used again.
        mirror: The URL of the Debian mirror.

    Returns:
        The image's name.

    Raises:
        ImageError: The image cannot be made.
    """
    archive = cache / f"debian-{SUITE}.tar"
    if archive.exists() and builder.inspect(DEBIAN):
        return DEBIAN
    if not archive.exists():
        write_debian(archive, mirror=mirror)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        (Path(folder) / "root.tar").hardlink_to(archive)
        dockerfile = Path(folder) / "Dockerfile"
        dockerfile.write_text('FROM scratch\nADD root.tar /\nCMD ["python3"]\n', encoding="utf-8")
        builder.build(Path(folder), file=dockerfile, name=DEBIAN)
    return DEBIAN
