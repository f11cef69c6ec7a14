"""Properties of a built image, and images that SageMaker does not accept."""

import dataclasses
import json
from typing import Any

import pytest

from image.builder import Builder
from image.built_image import BuiltImage
from image.docker_format import DOCKER_V2
from image.errors import ImageError

OCI = "application/vnd.oci.image.manifest.v1+json"


@dataclasses.dataclass(frozen=True)
class StubbedBuilder(Builder):
    """A builder with one image of a given description."""

    inspected: dict[str, Any] | None = None

    def inspect(self, image: str) -> dict[str, Any] | None:  # noqa: ARG002
        return self.inspected


def read(name: str, inspected: dict[str, Any] | None) -> BuiltImage:
    return BuiltImage.read(StubbedBuilder(name, (name,), inspected), "ours", base="theirs")


def of_engine(**others: Any) -> dict[str, Any]:
    return {"Id": "sha256:1", "Os": "linux", "Architecture": "amd64", "Size": 5} | others


def of_buildah(media_type: str = DOCKER_V2, architecture: str = "amd64") -> dict[str, Any]:
    layers = [{"size": 2}, {"size": 3}]
    manifest = {"mediaType": media_type, "config": {"digest": "sha256:1"}, "layers": layers}
    platform = {"os": "linux", "architecture": architecture}
    return {"Manifest": json.dumps(manifest), "FromImageDigest": "sha256:2", "Docker": platform}


@pytest.mark.parametrize(
    ("builder", "inspected", "manifest", "digest"),
    [
        ("buildah", of_buildah(), DOCKER_V2, "sha256:2"),
        ("podman", of_engine(Id="1", ManifestType=DOCKER_V2, Digest="sha256:2"), DOCKER_V2, "sha256:2"),
        (
            "docker",
            of_engine(Descriptor={"mediaType": DOCKER_V2, "digest": "sha256:2"}),
            DOCKER_V2,
            "sha256:2",
        ),
        ("docker", of_engine(), None, None),
    ],
    ids=["buildah", "podman", "docker with containerd", "docker"],
)
def test_the_properties_are_read_from_each_builders_description(
    builder: str, inspected: dict[str, Any], manifest: str | None, digest: str | None
) -> None:
    assert read(builder, inspected) == BuiltImage(
        name="ours",
        id="sha256:1",
        builder=builder,
        base="theirs",
        platform="linux/amd64",
        manifest=manifest,
        digest=digest,
        size=5,
    )


@pytest.mark.parametrize(
    "inspected", [of_buildah(media_type=OCI), of_buildah(architecture="arm64")], ids=["manifest", "platform"]
)
def test_an_image_of_another_manifest_or_platform_is_an_error(inspected: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match=r"SageMaker accepts only linux/amd64 with application/vnd\.docker"):
        read("buildah", inspected)


def test_a_missing_image_is_an_error() -> None:
    with pytest.raises(ImageError, match=r"^buildah has no image ours\.$"):
        read("buildah", None)
