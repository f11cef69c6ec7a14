"""One virtual environment: made with Python's venv, filled by uv from a lock file."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from virtual_environments.pip_settings import pip_environment, read_source_settings
from virtual_environments.uv_settings import uv_environment

ROOT = Path(__file__).parents[1]
UV_LOCK = ROOT / "requirements-uv.txt"
# The environment that people work in, and may install into with pip.
USERS_FOLDER = ".venv"
_STANDARD_ERROR = 2


class InstallError(Exception):
    """An environment cannot be made; the message says in one sentence what to do."""


def install_uv(folder: Path) -> Path:
    """Installs the pinned uv from the package index into a virtual environment, unless it is there.

    Args:
        folder: The virtual environment.

    Returns:
        Path of uv's program.

    Raises:
        InstallError: When it cannot be installed.
    """
    uv = folder / "bin" / "uv"
    installed = folder / UV_LOCK.name
    if (
        uv.exists()
        and installed.exists()
        and installed.read_text(encoding="utf-8") == UV_LOCK.read_text(encoding="utf-8")
    ):
        return uv
    _make_venv(folder, has_pip=True)
    python = folder / "bin" / "python"
    environment = pip_environment(os.environ, read_source_settings(_pip_config_list()))
    _run(
        [python, "-m", "pip", "install", "--quiet", "--requirement", UV_LOCK],
        environment,
        "uv could not be installed",
    )
    installed.write_text(UV_LOCK.read_text(encoding="utf-8"), encoding="utf-8")
    return uv


def make_environment(folder: Path, lock: Path, *, uv: Path) -> None:
    """Installs the packages of a lock file into a virtual environment.

    Args:
        folder: The virtual environment; made when it is missing.
        lock: The lock file.
        uv: Path of uv's program.

    Raises:
        InstallError: When a package cannot be installed.
    """
    if not (folder / "bin" / "python").exists():
        _make_venv(folder, has_pip=folder.name == USERS_FOLDER)
    print(f"Installing the packages of {lock} into {folder}", flush=True)
    # On a terminal uv shows its progress; a log would get a line for each of a hundred packages.
    silence = [] if sys.stderr.isatty() else ["--quiet"]
    # A configuration file of uv may have another target.
    command: list[str | Path] = [uv, "pip", "install", "--no-config", *silence]
    command += ["--python", folder / "bin" / "python"]
    environment = uv_environment(os.environ, read_source_settings(_pip_config_list()))
    _run([*command, "--requirement", lock], environment, f"The packages of {lock} could not be installed")


def install_packages(folder: Path, lock: Path, *, uv: Path, python: str, platform: str) -> None:
    """Installs the wheels of a lock file with hashes into a folder, for another Python and platform.

    Args:
        folder: The folder; made when it is missing.
        lock: The lock file; packages that it does not name are not installed.
        uv: Path of uv's program.
        python: Version of Python, such as 3.13.
        platform: Platform, as `--python-platform` takes it.

    Raises:
        InstallError: When a package cannot be installed.
    """
    command: list[str | Path] = [uv, "pip", "install", "--no-config", "--target", folder]
    command += [] if sys.stderr.isatty() else ["--quiet"]
    command += ["--python", sys.executable, "--python-version", python, "--python-platform", platform]
    command += ["--only-binary", ":all:", "--require-hashes", "--no-deps"]
    environment = uv_environment(os.environ, read_source_settings(_pip_config_list()))
    _run(
        [*command, "--requirement", lock],
        environment,
        f"The packages for Python {python} on {platform} could not be installed",
    )


def _make_venv(folder: Path, *, has_pip: bool) -> None:
    command: list[str | Path] = [sys.executable, "-m", "venv", "--clear", folder]
    # pip takes three seconds of processor time.
    command += [] if has_pip else ["--without-pip"]
    if subprocess.run(command, check=False, stdout=_STANDARD_ERROR).returncode:
        raise InstallError(
            f"The virtual environment {folder} could not be made: install the venv module of "
            f"{sys.executable} (on Debian and Ubuntu: python3-venv)."
        )


def _run(command: list[str | Path], environment: Mapping[str, str], sentence: str) -> None:
    # Standard output is for the result of the command that needs the packages.
    if subprocess.run(command, env=environment, check=False, stdout=_STANDARD_ERROR).returncode:
        raise InstallError(
            f"{sentence}: see above, check the network and pip's settings (`pip config list`), then run the "
            "command again. Downloaded packages are kept."
        )


def _pip_config_list() -> list[str]:
    command = [sys.executable, "-X", "utf8", "-m", "pip", "config", "list"]
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8").stdout.splitlines()
