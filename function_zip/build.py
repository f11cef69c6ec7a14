"""Build of a zip in build/function_zip/, from lock file and code; kept until one of them changes."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from function_zip.archive import ZipError, check_unzipped_size, write_zip
from function_zip.contents import (
    MODEL,
    REMOVED,
    ZipContents,
    code_files,
    contents_digest,
    locked_packages,
)
from function_zip.lambda_platform import LAMBDA, ZipTarget
from virtual_environments.virtual_environment import ROOT, InstallError, install_packages, install_uv

# Every version of a function has other bytes than the one before it, or Lambda publishes none:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
_DIGEST_FILE = "contents.sha256"

Installer = Callable[[Path, Path, ZipTarget], None]


def build_zip(
    contents: ZipContents = MODEL,
    *,
    root: Path = ROOT,
    target: ZipTarget = LAMBDA,
    install: Installer | None = None,
) -> Path:
    """Returns the path of a zip; makes it if it is missing.

    Args:
        contents: Contents of the zip.
        root: Root of the project.
        target: Platform of the packages.
        install: Installs the packages of a lock file into a folder; by default uv, with pip's settings.

    Raises:
        ZipError: A package cannot be installed, or the zip is larger than Lambda accepts.
    """
    digest = contents_digest(root, target, contents)
    folder = root / "build" / "function_zip" / contents.name
    path = folder / f"{digest}.zip"
    if path.exists():
        return path
    packages = _installed(folder, locked_packages(root, contents), target, install or _install)
    with tempfile.TemporaryDirectory() as temporary:
        record = Path(temporary, _DIGEST_FILE)
        record.write_text(digest, encoding="ascii")
        files = [(found.relative_to(packages).as_posix(), found) for found in _files(packages)]
        files += [(name.as_posix(), root / name) for name in code_files(root, contents)]
        files += [(_DIGEST_FILE, record)]
        check_unzipped_size({name: source.stat().st_size for name, source in files})
        write_zip(path, files)
    for other in folder.glob("*.zip"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def _installed(folder: Path, lock: str, target: ZipTarget, install: Installer) -> Path:
    """Returns a folder with the packages of a lock file, without what the function does not need."""
    key = hashlib.sha256(f"{lock}{target}{REMOVED}".encode()).hexdigest()[:16]
    packages = folder / f"packages-{key}"
    if packages.exists():
        return packages
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder, prefix="unfinished-"))
    try:
        requirements = unfinished / "requirements.txt"
        requirements.write_text(lock, encoding="utf-8")
        installed = unfinished / "packages"
        install(installed, requirements, target)
        for pattern in REMOVED:
            for found in sorted(installed.glob(pattern), reverse=True):
                _remove(found)
        _rename(installed, packages)
    finally:
        shutil.rmtree(unfinished)
    return packages


def _rename(installed: Path, packages: Path) -> None:
    """Renames the folder, unless another deployment has made the same one since."""
    try:
        installed.rename(packages)
    except OSError:
        if not packages.exists():
            raise


def _install(folder: Path, lock: Path, target: ZipTarget) -> None:
    try:
        uv = install_uv(ROOT / ".venv-uv")
        install_packages(folder, lock, uv=uv, python=target.python, platform=target.platform)
    except InstallError as error:
        raise ZipError(f"The zip of a function cannot be made: {error}") from error


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
