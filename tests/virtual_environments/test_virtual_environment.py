"""`python -m virtual_environments` with the real uv and one small package."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from virtual_environments.virtual_environment import ROOT, UV_LOCK, install_uv

pytestmark = pytest.mark.environment

WHEEL = "hollow-1.0-py3-none-any.whl"
FILES = {
    "hollow.py": "ANSWER = 42\n",
    "hollow-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: hollow\nVersion: 1.0\n",
    "hollow-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "hollow-1.0.dist-info/RECORD": "",
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file of one package, a wheel on this disk."""
    with zipfile.ZipFile(tmp_path / WHEEL, "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"hollow @ {(tmp_path / WHEEL).as_uri()}\n")
    return lock


def make(folder: Path, lock: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "virtual_environments", str(folder), str(lock)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_packages_of_a_lock_file_are_installed_into_a_new_environment(tmp_path: Path, lock: Path) -> None:
    done = make(tmp_path / "venv", lock)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Installing the packages of {lock} into {tmp_path / 'venv'}\n"
    python = tmp_path / "venv" / "bin" / "python"
    program = "import hollow; print(hollow.ANSWER)"
    assert (
        subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout == "42\n"
    )


def test_an_environment_that_nobody_works_in_is_made_without_pip(tmp_path: Path, lock: Path) -> None:
    done = make(tmp_path / ".venv-other", lock)

    assert done.returncode == 0, done.stderr
    found = subprocess.run(
        [tmp_path / ".venv-other" / "bin" / "python", "-c", "import pip"], check=False, capture_output=True
    )
    assert b"No module named 'pip'" in found.stderr


@pytest.mark.slow
def test_settings_of_pip_that_say_where_packages_go_do_not_reach_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    settings = [f"{name} = {elsewhere}" for name in ("target", "prefix", "root", "python", "constraint")]
    (tmp_path / "pip.conf").write_text("\n".join(["[global]", "user = yes", *settings]))
    # A file, because pip's sources on this machine may be in the environment.
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))

    uv = install_uv(tmp_path / "uv")

    assert uv.exists()
    assert not elsewhere.exists()


def test_variables_that_say_where_packages_go_do_not_reach_the_environment(
    tmp_path: Path, lock: Path
) -> None:
    (tmp_path / "uv.toml").write_text(f'[pip]\ntarget = "{tmp_path / "elsewhere"}"\n')
    variables = {
        "PIP_CONSTRAINT": "/nowhere",
        "PIP_PYTHON": "/nowhere/python",
        "PIP_USER": "1",
        "UV_CONFIG_FILE": str(tmp_path / "uv.toml"),
        "UV_CONSTRAINT": "/nowhere",
        "UV_REQUIRE_HASHES": "1",
        "UV_SYSTEM_PYTHON": "1",
        "UV_WORKING_DIR": str(tmp_path),
    }

    done = make(tmp_path / "venv", lock, **variables)

    assert done.returncode == 0, done.stderr
    subprocess.run([tmp_path / "venv" / "bin" / "python", "-c", "import hollow"], check=True)


def test_a_missing_package_is_reported_in_one_sentence_with_exit_code_1(tmp_path: Path, lock: Path) -> None:
    (tmp_path / WHEEL).unlink()

    done = make(tmp_path / "venv", lock)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"The packages of {lock} could not be installed: see above,"
    )
    assert "Traceback" not in done.stderr


def test_uv_is_installed_once_at_the_pinned_version() -> None:
    uv = install_uv(ROOT / ".venv-uv")

    printed = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout
    assert printed.split()[1] == UV_LOCK.read_text().strip().partition("==")[2]
