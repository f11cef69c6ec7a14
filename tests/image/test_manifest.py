"""Manifests that buildah writes, whose library podman builds with too."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from image.builder import PLATFORM, Builder
from image.built_image import BuiltImage
from image.docker_format import DOCKER_V2, FORMAT_ENVIRONMENT
from image.errors import MissingToolError

OCI = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context whose image needs no base image."""
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /Dockerfile\n")
    return tmp_path / "context"


@pytest.fixture
def buildah(tmp_path: Path) -> Builder:
    try:
        return Builder.find("buildah", storage=tmp_path / "storage")
    except MissingToolError as error:
        pytest.skip(str(error))


def run(buildah: Builder, folder: Path, *arguments: str, **environment: str) -> None:
    command = [*buildah.command, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def pushed_type(buildah: Builder, folder: Path, image: str) -> str:
    """The media type of the manifest that a registry gets."""
    target = folder.parent / "pushed"
    run(buildah, folder, "push", image, f"dir:{target}")
    media_type: str = json.loads((target / "manifest.json").read_text())["mediaType"]
    return media_type


def test_make_image_writes_and_pushes_a_docker_manifest(buildah: Builder, folder: Path) -> None:
    buildah.build(folder, file=folder / "Dockerfile", name="ours")

    assert BuiltImage.read(buildah, "ours", base="scratch").manifest == DOCKER_V2
    assert pushed_type(buildah, folder, "ours") == DOCKER_V2


# As the CDK CLI calls the program of CDK_DOCKER for an asset without outputs.
CDK_BUILD = ("build", "--tag", "ours", "--file", "Dockerfile", "--platform", PLATFORM, ".")


def test_the_build_of_the_cdk_with_our_environment_pushes_a_docker_manifest(
    buildah: Builder, folder: Path
) -> None:
    run(buildah, folder, *CDK_BUILD, **FORMAT_ENVIRONMENT)

    assert pushed_type(buildah, folder, "ours") == DOCKER_V2


def test_the_output_of_docker_is_no_format_for_buildah(buildah: Builder, folder: Path) -> None:
    run(buildah, folder, "build", "--output=type=docker", *CDK_BUILD[1:])

    assert (folder / "type=docker").exists()
    assert pushed_type(buildah, folder, "ours") == OCI
