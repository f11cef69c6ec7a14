"""Selection and arguments of builders; scripts that record their arguments replace the builders."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from image.builder import BUILDERS, Builder
from image.errors import MissingToolError

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a program on an otherwise empty PATH; it records its arguments, prints and exits."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()

    def install_program(name: str, *, code: int = 0, prints: str = "") -> Path:
        program, called = tmp_path / "bin" / name, tmp_path / f"{name}.called"
        program.write_text(
            f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{called}\necho '{prints}'\necho trouble >&2\nexit {code}\n"
        )
        program.chmod(0o755)
        return called

    return install_program


@pytest.mark.usefixtures("install")
def test_without_a_builder_the_error_names_all_three() -> None:
    with pytest.raises(
        MissingToolError, match=r"^None of docker, podman and buildah works here: start Docker, or"
    ):
        Builder.find()


def test_a_docker_command_without_an_engine_is_skipped(install: Install) -> None:
    install("docker", code=1)
    install("buildah")

    assert Builder.find().name == "buildah"


def test_a_given_builder_must_work(install: Install) -> None:
    install("docker")
    install("podman", code=1)

    with pytest.raises(MissingToolError, match=r"^podman does not work here"):
        Builder.find("podman")


@pytest.mark.parametrize("name", BUILDERS)
def test_every_builder_makes_a_docker_manifest_for_the_platform_of_sagemaker(
    install: Install, tmp_path: Path, name: str
) -> None:
    called = install(name)
    (tmp_path / "Dockerfile").touch()
    (tmp_path / "Dockerfile.dockerignore").touch()

    Builder.find(name, storage=tmp_path / "storage").build(
        tmp_path,
        file=tmp_path / "Dockerfile",
        name="ours",
        base="theirs",
        target="train",
        secrets={"pip": tmp_path / "pip.conf"},
    )

    words = called.read_text().splitlines()
    pairs = set(pairwise(words))
    assert {
        ("--platform", "linux/amd64"),
        ("--tag", "ours"),
        ("--build-arg", "BASE_IMAGE=theirs"),
        ("--target", "train"),
        ("--secret", f"id=pip,src={tmp_path / 'pip.conf'}"),
    } <= pairs
    assert pairs & {("--format", "docker"), ("--output", "type=docker,oci-mediatypes=false")}
    # docker applies the file itself and has no such option.
    assert ("--ignorefile" in words) == ("--root" in words) == (name != "docker")
    assert words[-1] == str(tmp_path)


def test_inspect_returns_the_builders_description_or_none(
    install: Install,
) -> None:
    install("docker", prints=json.dumps([{"Id": "sha256:1"}]))
    assert Builder.find().inspect("ours") == {"Id": "sha256:1"}

    install("docker", code=0)
    docker = Builder.find()
    install("docker", code=1)
    assert docker.inspect("ours") is None


def test_pull_returns_the_last_line_of_the_builders_error(install: Install) -> None:
    install("buildah")
    buildah = Builder.find()
    assert buildah.pull("ours") == ""

    install("buildah", code=125)
    assert buildah.pull("ours") == "trouble"
