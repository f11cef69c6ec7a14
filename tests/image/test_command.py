"""`python -m image`, where it cannot build."""

import os
import subprocess
import sys
from pathlib import Path

from tests.image.conftest import LACKING, ROOT


def run(path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": str(path)} | settings
    command = [sys.executable, "-m", "image"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def install_builder(folder: Path) -> None:
    """A builder that works, and has and can pull no image."""
    program = folder / "buildah"
    program.write_text('#!/bin/sh\ntest "$1" = info || { echo "no such host" >&2; exit 125; }\n')
    program.chmod(0o755)


def test_without_a_builder_it_ends_with_3_and_a_sentence(tmp_path: Path) -> None:
    result = run(tmp_path)

    assert (result.returncode, result.stdout) == (LACKING, "")
    assert result.stderr.startswith("None of docker, podman and buildah works here: ")


def test_a_base_that_was_asked_for_and_cannot_be_pulled_is_an_error(tmp_path: Path) -> None:
    install_builder(tmp_path)

    result = run(tmp_path, BASE_IMAGE="theirs:1")

    assert result.returncode == 1
    assert result.stderr == "The base image theirs:1 cannot be pulled: no such host\n"


def test_the_dockerfiles_own_base_is_replaced_by_a_debian_made_here(tmp_path: Path) -> None:
    install_builder(tmp_path)

    result = run(tmp_path, BASE_IMAGE="")

    said, replaced, *_ = result.stderr.splitlines()
    assert said.startswith("The base image docker.io/library/python:3.13-slim")
    assert said.endswith(" cannot be pulled: no such host")
    assert replaced == "A Debian with its own Python, made with debootstrap, takes its place."
    # With neither debootstrap nor a builder that builds it ends there.
    assert result.returncode != 0
