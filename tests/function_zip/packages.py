"""Installers of a zip's packages for tests: no network is needed."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from function_zip.build import Installer
from function_zip.lambda_platform import ZipTarget


def writing(files: Mapping[str, str]) -> Installer:
    """Returns an installer that writes these files."""

    def install(folder: Path, _lock: Path, _target: ZipTarget) -> None:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return install


def copying(site_packages: Path) -> Installer:
    """Returns an installer that copies the packages of a lock file from an environment that has them."""

    def install(folder: Path, lock: Path, _target: ZipTarget) -> None:
        lines = lock.read_text().splitlines()
        for package in (line.partition("==")[0] for line in lines if not line.startswith(" ")):
            for found in site_packages.glob(f"{package}*"):
                shutil.copytree(found, folder / found.name)

    return install
