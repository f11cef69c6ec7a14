"""Which image ours is built on."""

import re
import tempfile
from pathlib import Path

from image.builder import Builder
from image.debian import SUITE, write_debian

DEBIAN = f"localhost/debian-python:{SUITE}"

_DEFAULT = re.compile(r"^ARG BASE_IMAGE=(\S+)$", re.MULTILINE)


def default_base(dockerfile: Path) -> str:
    """The base that a Dockerfile names itself."""
    (base,) = _DEFAULT.findall(dockerfile.read_text())
    return str(base)


def fetch_base(builder: Builder, base: str) -> str:
    """Makes sure that the builder has a base: the reason when it cannot be had, else nothing."""
    return "" if builder.inspect(base) else builder.pull(base)


def make_debian_base(builder: Builder, *, cache: Path, mirror: str) -> str:
    """Makes a base of Debian's packages, where none can be pulled.

    Args:
        builder: Who gets it.
        cache: Folder where Debian is kept; a base made before is used again as long as it is there.
        mirror: Where Debian is downloaded from.

    Returns:
        The name of the image.

    Raises:
        ImageError: When it cannot be made.
    """
    archive = cache / f"debian-{SUITE}.tar"
    if archive.exists() and builder.inspect(DEBIAN):
        return DEBIAN
    if not archive.exists():
        write_debian(archive, mirror=mirror)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        (Path(folder) / "root.tar").hardlink_to(archive)
        dockerfile = Path(folder) / "Dockerfile"
        dockerfile.write_text('FROM scratch\nADD root.tar /\nCMD ["python3"]\n')
        builder.build(Path(folder), file=dockerfile, name=DEBIAN)
    return DEBIAN
