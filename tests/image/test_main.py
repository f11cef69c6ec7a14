"""`python -m image` on a machine that cannot build images."""

import subprocess
import sys
from pathlib import Path

import pytest

from image.__main__ import EXIT_MISSING_TOOL, ROOT, main
from tests.inherited_environ import inherited_environ


def run(path: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = inherited_environ() | {"PATH": str(path)} | settings
    command = [sys.executable, "-m", "image", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def install_builder(folder: Path) -> None:
    """Installs a builder that has no image and cannot pull one."""
    program = folder / "buildah"
    program.write_text('#!/bin/sh\ntest "$1" = info || { echo "no such host" >&2; exit 125; }\n')
    program.chmod(0o755)


def test_without_a_builder_the_exit_code_is_3_and_the_error_one_sentence(tmp_path: Path) -> None:
    result = run(tmp_path)

    assert (result.returncode, result.stdout) == (EXIT_MISSING_TOOL, "")
    assert result.stderr.startswith("None of docker, podman and buildah works here: ")


def test_a_given_base_image_that_cannot_be_pulled_is_an_error(tmp_path: Path) -> None:
    install_builder(tmp_path)

    result = run(tmp_path, BASE_IMAGE="theirs:1")

    assert result.returncode == 1
    assert result.stderr == "The base image theirs:1 cannot be pulled: no such host\n"


def test_the_default_base_image_is_replaced_by_a_debian(tmp_path: Path) -> None:
    install_builder(tmp_path)

    result = run(tmp_path, BASE_IMAGE="")

    pull_error, replacement, *_ = result.stderr.splitlines()
    assert pull_error.startswith("The base image docker.io/library/python:3.13-slim")
    assert pull_error.endswith(" cannot be pulled: no such host")
    assert replacement == "A Debian with Python, made by debootstrap, is the base image instead."
    # This machine has no debootstrap, and the builder cannot build.
    assert result.returncode != 0


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a file in the place of the folder
    install_builder(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "debootstrap").symlink_to(sys.executable)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("BASE_IMAGE", "")
    monkeypatch.setattr("sys.argv", ["image", "--builder", "buildah"])
    (tmp_path / "taken").touch()
    monkeypatch.setattr("image.__main__.CACHE", tmp_path / "taken" / "image")

    # When
    code = main()

    # Then
    assert code == 1
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert sentence == f"The image cannot be built: {tmp_path}/taken/image: Not a directory."


def test_an_unknown_target_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    install_builder(tmp_path)

    result = run(tmp_path, "--target", "trian")

    assert result.returncode == 2
    assert "argument --target: invalid choice: 'trian'" in result.stderr
