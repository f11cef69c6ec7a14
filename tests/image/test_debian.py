"""Debian as a base image without a registry."""

import tarfile
from pathlib import Path

import pytest

from image.debian import pack, write_debian
from image.errors import MissingToolError

USED = ("usr/bin/python3", "usr/share/doc/python3/copyright", "var/lib/dpkg/status", "etc/ssl/cert.pem")
UNUSED = (
    "usr/share/doc/python3/changelog.gz",
    "usr/share/locale/de/words.mo",
    "usr/share/man/man1/python3.1.gz",
    "var/cache/apt/archives/python3.deb",
    "var/lib/apt/lists/packages",
    "var/log/dpkg.log",
)


def test_manuals_logs_and_package_lists_are_not_packed_and_licences_are(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in (*USED, *UNUSED):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "bin").symlink_to("usr/bin")

    pack(root, tmp_path / "packed.tar")

    with tarfile.open(tmp_path / "packed.tar") as packed:
        names = {entry.name.removeprefix("./"): entry for entry in packed}
    assert {name for name, entry in names.items() if entry.isfile()} == set(USED)
    assert names["bin"].linkname == "usr/bin"
    # Programs expect the empty folder.
    assert names["var/log"].isdir()


def test_the_error_without_debootstrap_names_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        MissingToolError, match=r"install it \(on Debian: debootstrap and debian-archive-keyring"
    ):
        write_debian(tmp_path / "debian.tar")
